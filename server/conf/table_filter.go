package conf

// The directives of output filters.

func filterModules() []module {
	return []module{
		{"http_addition_filter_module", httpAdditionRows},
		{"http_charset_filter_module", httpCharsetRows},
		{"http_copy_filter_module", httpCopyRows},
		{"http_gunzip_filter_module", httpGunzipRows},
		{"http_gzip_filter_module", httpGzipRows},
		{"http_headers_filter_module", httpHeadersRows},
		{"http_image_filter_module", httpImageRows},
		{"http_slice_filter_module", httpSliceRows},
		{"http_ssi_filter_module", httpSsiRows},
		{"http_sub_filter_module", httpSubRows},
		{"http_xslt_filter_module", httpXsltRows},
	}
}

var httpAdditionRows = []Row{
	{Name: "add_before_body", In: EveryHTTP, Args: Take1, Once: true, Status: Supported},
	{Name: "add_after_body", In: EveryHTTP, Args: Take1, Once: true, Status: Supported},
	{Name: "addition_types", In: EveryHTTP, Args: More1, check: mimeTypes, Status: Supported},
}

var httpCharsetRows = []Row{
	{Name: "charset", In: EveryHTTP | LocationIf, Args: Take1, Once: true, check: charset, Status: Supported},
	{Name: "source_charset", In: EveryHTTP | LocationIf, Args: Take1, Once: true, check: charset, Status: Supported},
	{Name: "override_charset", In: EveryHTTP | LocationIf, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "charset_types", In: EveryHTTP, Args: More1, check: mimeTypes, Status: Supported},
	{Name: "charset_map", In: HTTP, Args: Take2, Opens: Entries, Status: Supported},
}

var httpCopyRows = []Row{
	{Name: "output_buffers", In: EveryHTTP, Args: Take2, Once: true, check: buffers, Status: Accepted, Reason: "files are sent by the kernel, or from memory"},
}

var httpGunzipRows = []Row{
	{Name: "gunzip", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "gunzip_buffers", In: EveryHTTP, Args: Take2, Once: true, check: buffers, Status: Accepted, Reason: "memory is pooled by size class"},
}

var httpGzipRows = []Row{
	{Name: "gzip", In: EveryHTTP | LocationIf, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "gzip_buffers", In: EveryHTTP, Args: Take2, Once: true, check: buffers, Status: Accepted, Reason: "memory is pooled by size class"},
	{Name: "gzip_types", In: EveryHTTP, Args: More1, check: mimeTypes, Status: Supported},
	{Name: "gzip_comp_level", In: EveryHTTP, Args: Take1, Once: true, check: numberFrom(1, 9), Status: Supported},
	{Name: "gzip_window", In: EveryHTTP, Args: Take1, Once: true, check: powerOfTwo(512, 32768), Status: Accepted, Reason: "the compressor chooses its window"},
	{Name: "gzip_hash", In: EveryHTTP, Args: Take1, Once: true, check: powerOfTwo(1024, 131072), Status: Accepted, Reason: "the compressor chooses its tables"},
	{Name: "postpone_gzipping", In: EveryHTTP, Args: Take1, Once: true, check: size, Status: Accepted, Reason: "the compressor takes what comes"},
	{Name: "gzip_no_buffer", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Accepted, Reason: "the compressor has no buffering to turn off"},
	{Name: "gzip_min_length", In: EveryHTTP, Args: Take1, Once: true, check: size, Status: Supported},
}

var httpHeadersRows = []Row{
	{Name: "expires", In: EveryHTTP | LocationIf, Args: Take12, Once: true, Vars: true, check: expires, Status: Supported},
	{Name: "add_header", In: EveryHTTP | LocationIf, Args: Take23, Vars: true, check: wordBehind("always"), Status: Supported},
	{Name: "add_trailer", In: EveryHTTP | LocationIf, Args: Take23, Vars: true, check: wordBehind("always"), Status: Supported},
	{Name: "add_header_inherit", In: EveryHTTP | LocationIf, Args: Take1, Once: true, check: oneOf("off", "on", "merge"), Status: Supported},
	{Name: "add_trailer_inherit", In: EveryHTTP | LocationIf, Args: Take1, Once: true, check: oneOf("off", "on", "merge"), Status: Supported},
}

var httpImageRows = []Row{
	{Name: "image_filter", In: Location, Args: Take123, Vars: true, Status: Refused, Reason: "images are not transformed"},
	{Name: "image_filter_jpeg_quality", In: EveryHTTP, Args: Take1, Vars: true, Status: Refused, Reason: "images are not transformed"},
	{Name: "image_filter_webp_quality", In: EveryHTTP, Args: Take1, Vars: true, Status: Refused, Reason: "images are not transformed"},
	{Name: "image_filter_sharpen", In: EveryHTTP, Args: Take1, Vars: true, Status: Refused, Reason: "images are not transformed"},
	{Name: "image_filter_transparency", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Refused, Reason: "images are not transformed"},
	{Name: "image_filter_interlace", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Refused, Reason: "images are not transformed"},
	{Name: "image_filter_buffer", In: EveryHTTP, Args: Take1, Once: true, check: size, Status: Refused, Reason: "images are not transformed"},
}

var httpSliceRows = []Row{
	{Name: "slice", In: EveryHTTP, Args: Take1, Once: true, check: size, Status: Supported},
}

var httpSsiRows = []Row{
	{Name: "ssi", In: EveryHTTP | LocationIf, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "ssi_silent_errors", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "ssi_ignore_recycled_buffers", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Accepted, Reason: "there are no recycled buffers"},
	{Name: "ssi_min_file_chunk", In: EveryHTTP, Args: Take1, Once: true, check: size, Status: Accepted, Reason: "files are read as a whole"},
	{Name: "ssi_value_length", In: EveryHTTP, Args: Take1, Once: true, check: size, Status: Supported},
	{Name: "ssi_types", In: EveryHTTP, Args: More1, check: mimeTypes, Status: Supported},
	{Name: "ssi_last_modified", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
}

var httpSubRows = []Row{
	{Name: "sub_filter", In: EveryHTTP, Args: Take2, Vars: true, check: subFilter, Status: Supported},
	{Name: "sub_filter_types", In: EveryHTTP, Args: More1, check: mimeTypes, Status: Supported},
	{Name: "sub_filter_once", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "sub_filter_last_modified", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
}

var httpXsltRows = []Row{
	{Name: "xml_entities", In: EveryHTTP, Args: Take1, Once: true, Status: Supported},
	{Name: "xml_external_entities", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Refused, Reason: "a document of a response never has a file read"},
	{Name: "xslt_stylesheet", In: Location, Args: More1, Vars: true, Status: Supported},
	{Name: "xslt_param", In: EveryHTTP, Args: Take2, Vars: true, Status: Supported},
	{Name: "xslt_string_param", In: EveryHTTP, Args: Take2, Vars: true, Status: Supported},
	{Name: "xslt_types", In: EveryHTTP, Args: More1, check: mimeTypes, Status: Supported},
	{Name: "xslt_last_modified", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
}
