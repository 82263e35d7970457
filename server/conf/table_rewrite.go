package conf

// The directives of modules that decide what a request is and where it goes.

func rewriteModules() []module {
	return []module{
		{"http_rewrite_module", httpRewriteRows},
		{"http_map_module", httpMapRows},
		{"http_geo_module", httpGeoRows},
		{"http_split_clients_module", httpSplitClientsRows},
		{"http_browser_module", httpBrowserRows},
		{"http_realip_module", httpRealipRows},
		{"http_referer_module", httpRefererRows},
		{"http_secure_link_module", httpSecureLinkRows},
		{"http_userid_filter_module", httpUseridRows},
		{"http_geoip_module", httpGeoipRows},
		{"http_perl_module", httpPerlRows},
		{"http_degradation_module", httpDegradationRows},
	}
}

var httpRewriteRows = []Row{
	{Name: "rewrite", In: Server | ServerIf | Location | LocationIf, Args: Take23, Vars: true, check: rewrite, Status: Supported},
	{Name: "return", In: Server | ServerIf | Location | LocationIf, Args: Take12, Vars: true, check: returnStatus, Status: Supported},
	{Name: "break", In: Server | ServerIf | Location | LocationIf, Args: NoArgs, Status: Supported},
	{Name: "if", In: Server | Location, Args: More1, Opens: LocationIf, check: ifCondition, Status: Supported},
	{Name: "set", In: Server | ServerIf | Location | LocationIf, Args: Take2, check: setVariable, Status: Supported},
	{Name: "rewrite_log", In: HTTP | Server | ServerIf | Location | LocationIf, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "uninitialized_variable_warn", In: HTTP | Server | ServerIf | Location | LocationIf, Args: Flag, Once: true, check: onOff, Status: Supported},
}

var httpMapRows = []Row{
	{Name: "map", In: HTTP, Args: Take2, Opens: Entries, Vars: true, check: mapBlock, Status: Supported},
	{Name: "map_hash_max_size", In: HTTP, Args: Take1, Once: true, check: number, Status: Accepted, Reason: "there is no table whose size could be set"},
	{Name: "map_hash_bucket_size", In: HTTP, Args: Take1, Once: true, check: number, Status: Accepted, Reason: "there is no table whose size could be set"},
}

var httpGeoRows = []Row{
	{Name: "geo", In: HTTP, Args: Take12, Opens: Entries, check: geo, Status: Supported},
}

var httpSplitClientsRows = []Row{
	{Name: "split_clients", In: HTTP, Args: Take2, Opens: Entries, Vars: true, check: splitClients, Status: Supported},
}

var httpBrowserRows = []Row{
	{Name: "modern_browser", In: EveryHTTP, Args: Take12, check: modernBrowser, Status: Supported},
	{Name: "ancient_browser", In: EveryHTTP, Args: More1, Status: Supported},
	{Name: "modern_browser_value", In: EveryHTTP, Args: Take1, Status: Supported},
	{Name: "ancient_browser_value", In: EveryHTTP, Args: Take1, Status: Supported},
}

var httpRealipRows = []Row{
	{Name: "set_real_ip_from", In: EveryHTTP, Args: Take1, check: realIPFrom, Status: Supported},
	{Name: "real_ip_header", In: EveryHTTP, Args: Take1, Once: true, Status: Supported},
	{Name: "real_ip_recursive", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
}

var httpRefererRows = []Row{
	{Name: "valid_referers", In: Server | Location, Args: More1, Status: Supported},
	{Name: "referer_hash_max_size", In: Server | Location, Args: Take1, Once: true, check: number, Status: Accepted, Reason: "there is no table whose size could be set"},
	{Name: "referer_hash_bucket_size", In: Server | Location, Args: Take1, Once: true, check: number, Status: Accepted, Reason: "there is no table whose size could be set"},
}

var httpSecureLinkRows = []Row{
	{Name: "secure_link", In: EveryHTTP, Args: Take1, Once: true, Vars: true, Status: Supported},
	{Name: "secure_link_md5", In: EveryHTTP, Args: Take1, Once: true, Vars: true, Status: Supported},
	{Name: "secure_link_secret", In: EveryHTTP, Args: Take1, Once: true, Status: Supported},
}

var httpUseridRows = []Row{
	{Name: "userid", In: EveryHTTP, Args: Take1, Once: true, check: oneOf("off", "log", "v1", "on"), Status: Supported},
	{Name: "userid_service", In: EveryHTTP, Args: Take1, Once: true, check: number, Status: Supported},
	{Name: "userid_name", In: EveryHTTP, Args: Take1, Once: true, Status: Supported},
	{Name: "userid_domain", In: EveryHTTP, Args: Take1, Once: true, Status: Supported},
	{Name: "userid_path", In: EveryHTTP, Args: Take1, Once: true, Status: Supported},
	{Name: "userid_expires", In: EveryHTTP, Args: Take1, Once: true, check: useridExpires, Status: Supported},
	{Name: "userid_flags", In: EveryHTTP, Args: Take123, check: wordSet("off", "secure", "httponly", "samesite=strict", "samesite=lax", "samesite=none"), Status: Supported},
	{Name: "userid_p3p", In: EveryHTTP, Args: Take1, Once: true, Status: Supported},
	{Name: "userid_mark", In: EveryHTTP, Args: Take1, Once: true, check: useridMark, Status: Supported},
}

var httpGeoipRows = []Row{
	{Name: "geoip_country", In: HTTP, Args: Take12, Once: true, Status: Refused, Reason: "the GeoIP legacy databases are not read; use geo or map"},
	{Name: "geoip_org", In: HTTP, Args: Take12, Once: true, Status: Refused, Reason: "the GeoIP legacy databases are not read; use geo or map"},
	{Name: "geoip_city", In: HTTP, Args: Take12, Once: true, Status: Refused, Reason: "the GeoIP legacy databases are not read; use geo or map"},
	{Name: "geoip_proxy", In: HTTP, Args: Take1, Status: Refused, Reason: "the GeoIP legacy databases are not read; use geo or map"},
	{Name: "geoip_proxy_recursive", In: HTTP, Args: Flag, Once: true, check: onOff, Status: Refused, Reason: "the GeoIP legacy databases are not read; use geo or map"},
}

var httpPerlRows = []Row{
	{Name: "perl_modules", In: HTTP, Args: Take1, Status: Refused, Reason: "no Perl is embedded"},
	{Name: "perl_require", In: HTTP, Args: Take1, Status: Refused, Reason: "no Perl is embedded"},
	{Name: "perl", In: Location | LimitExcept, Args: Take1, Status: Refused, Reason: "no Perl is embedded"},
	{Name: "perl_set", In: HTTP, Args: Take2, Status: Refused, Reason: "no Perl is embedded"},
}

var httpDegradationRows = []Row{
	{Name: "degradation", In: HTTP, Args: Take1, Status: Refused, Reason: "it depends on the memory of an NGINX process"},
	{Name: "degrade", In: EveryHTTP, Args: Take1, Once: true, check: oneOf("204", "444"), Status: Refused, Reason: "it depends on the memory of an NGINX process"},
}
