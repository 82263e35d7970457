package conf

// The directives of modules that make content.

func contentModules() []module {
	return []module{
		{"http_autoindex_module", httpAutoindexRows},
		{"http_dav_module", httpDavRows},
		{"http_empty_gif_module", httpEmptyGifRows},
		{"http_flv_module", httpFlvRows},
		{"http_gzip_static_module", httpGzipStaticRows},
		{"http_index_module", httpIndexRows},
		{"http_mp4_module", httpMp4Rows},
		{"http_random_index_module", httpRandomIndexRows},
		{"http_try_files_module", httpTryFilesRows},
	}
}

var httpAutoindexRows = []Row{
	{Name: "autoindex", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "autoindex_format", In: EveryHTTP, Args: Take1, Once: true, check: oneOf("html", "json", "jsonp", "xml"), Status: Supported},
	{Name: "autoindex_localtime", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "autoindex_exact_size", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
}

var httpDavRows = []Row{
	{Name: "dav_methods", In: EveryHTTP, Args: More1, check: wordSet("off", "put", "delete", "mkcol", "copy", "move"), Status: Supported},
	{Name: "create_full_put_path", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "min_delete_depth", In: EveryHTTP, Args: Take1, Once: true, check: number, Status: Supported},
	{Name: "dav_access", In: EveryHTTP, Args: Take123, Once: true, check: access, Status: Supported},
}

var httpEmptyGifRows = []Row{
	{Name: "empty_gif", In: Location, Args: NoArgs, Status: Supported},
}

var httpFlvRows = []Row{
	{Name: "flv", In: Location, Args: NoArgs, Status: Supported},
}

var httpGzipStaticRows = []Row{
	{Name: "gzip_static", In: EveryHTTP, Args: Take1, Once: true, check: oneOf("off", "on", "always"), Status: Supported},
}

var httpIndexRows = []Row{
	{Name: "index", In: EveryHTTP, Args: More1, Vars: true, check: index, Status: Supported},
}

var httpMp4Rows = []Row{
	{Name: "mp4", In: Location, Args: NoArgs, Status: Supported},
	{Name: "mp4_buffer_size", In: EveryHTTP, Args: Take1, Once: true, check: size, Status: Supported},
	{Name: "mp4_max_buffer_size", In: EveryHTTP, Args: Take1, Once: true, check: size, Status: Supported},
	{Name: "mp4_start_key_frame", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
}

var httpRandomIndexRows = []Row{
	{Name: "random_index", In: Location, Args: Flag, Once: true, check: onOff, Status: Supported},
}

var httpTryFilesRows = []Row{
	{Name: "try_files", In: Server | Location, Args: More2, Once: true, Vars: true, check: tryFiles, Status: Supported},
}
