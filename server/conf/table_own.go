package conf

// Directives that NGINX's own sources do not have.

func ownModules() []module {
	return []module{
		{"wheelpit", wheelpitRows},
		{"http_brotli_module", brotliRows},
		{"http_zstd_module", zstdRows},
	}
}

// wheelpitRows are this program's own.
var wheelpitRows = []Row{
	// app runs a Go application that was registered under a name.
	{Name: "app", In: Location | LocationIf, Args: Take1, Once: true, Status: Supported},
	// wheelpit_status shows what the server has counted: html (the default), prometheus or json.
	{Name: "wheelpit_status", In: Location | LocationIf, Args: NoArgs | Take1, Once: true, check: statusFormat, Status: Supported},
	// upstream_api shows and changes the servers of upstreams at run time, with the paths and the JSON of NGINX Plus' api.
	{Name: "upstream_api", In: Location, Args: NoArgs | Take1, Once: true, check: writeFlag, Status: Supported},
	// status_zone is NGINX Plus' word: the requests of a server are counted under a name of their own.
	{Name: "status_zone", In: Server, Args: Take1, Once: true, Status: Supported},
}

// brotliRows are those of the known third-party module ngx_brotli.
var brotliRows = []Row{
	{Name: "brotli", In: EveryHTTP | LocationIf, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "brotli_static", In: EveryHTTP, Args: Take1, Once: true, check: oneOf("off", "on", "always"), Status: Supported},
	{Name: "brotli_types", In: EveryHTTP, Args: More1, check: mimeTypes, Status: Supported},
	{Name: "brotli_comp_level", In: EveryHTTP, Args: Take1, Once: true, check: numberFrom(0, 11), Status: Supported},
	{Name: "brotli_min_length", In: EveryHTTP, Args: Take1, Once: true, check: size, Status: Supported},
	{Name: "brotli_buffers", In: EveryHTTP, Args: Take2, Once: true, check: buffers, Status: Accepted, Reason: bufferReason},
	{Name: "brotli_window", In: EveryHTTP, Args: Take1, Once: true, check: size, Status: Accepted, Reason: "the compressor chooses its window"},
}

// zstdRows are those of the known third-party module zstd-nginx-module.
var zstdRows = []Row{
	{Name: "zstd", In: EveryHTTP | LocationIf, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "zstd_static", In: EveryHTTP, Args: Take1, Once: true, check: oneOf("off", "on", "always"), Status: Supported},
	{Name: "zstd_types", In: EveryHTTP, Args: More1, check: mimeTypes, Status: Supported},
	{Name: "zstd_comp_level", In: EveryHTTP, Args: Take1, Once: true, check: numberFrom(1, 22), Status: Supported},
	{Name: "zstd_min_length", In: EveryHTTP, Args: Take1, Once: true, check: size, Status: Supported},
	{Name: "zstd_buffers", In: EveryHTTP, Args: Take2, Once: true, check: buffers, Status: Accepted, Reason: bufferReason},
	{Name: "zstd_dict_file", In: HTTP, Args: Take1, Status: Refused, Reason: "dictionaries are not read"},
}

const bufferReason = "the compressor's buffers are pooled"
