package conf

// The directives of modules that admit requests and note them.

func accessModules() []module {
	return []module{
		{"http_access_module", httpAccessRows},
		{"http_auth_basic_module", httpAuthBasicRows},
		{"http_auth_request_module", httpAuthRequestRows},
		{"http_limit_conn_module", httpLimitConnRows},
		{"http_limit_req_module", httpLimitReqRows},
		{"http_log_module", httpLogRows},
		{"http_mirror_module", httpMirrorRows},
		{"http_stub_status_module", httpStubStatusRows},
	}
}

var httpAccessRows = []Row{
	{Name: "allow", In: EveryHTTP | LimitExcept, Args: Take1, check: accessRule, Status: Supported},
	{Name: "deny", In: EveryHTTP | LimitExcept, Args: Take1, check: accessRule, Status: Supported},
}

var httpAuthBasicRows = []Row{
	{Name: "auth_basic", In: EveryHTTP | LimitExcept, Args: Take1, Once: true, Vars: true, Status: Supported},
	{Name: "auth_basic_user_file", In: EveryHTTP | LimitExcept, Args: Take1, Once: true, Vars: true, Status: Supported},
}

var httpAuthRequestRows = []Row{
	{Name: "auth_request", In: EveryHTTP, Args: Take1, Once: true, Status: Supported},
	{Name: "auth_request_set", In: EveryHTTP, Args: Take2, Vars: true, check: defineVariable, Status: Supported},
}

var httpLimitConnRows = []Row{
	{Name: "limit_conn_zone", In: HTTP, Args: Take2, Vars: true, check: limitConnZone, Status: Supported},
	{Name: "limit_conn", In: EveryHTTP, Args: Take2, check: limitConn, Status: Supported},
	{Name: "limit_conn_log_level", In: EveryHTTP, Args: Take1, Once: true, check: oneOf("info", "notice", "warn", "error"), Status: Supported},
	{Name: "limit_conn_status", In: EveryHTTP, Args: Take1, Once: true, check: numberFrom(400, 599), Status: Supported},
	{Name: "limit_conn_dry_run", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
}

var httpLimitReqRows = []Row{
	{Name: "limit_req_zone", In: HTTP, Args: Take3, Vars: true, check: limitReqZone, Status: Supported},
	{Name: "limit_req", In: EveryHTTP, Args: Take123, check: limitReq, Status: Supported},
	{Name: "limit_req_log_level", In: EveryHTTP, Args: Take1, Once: true, check: oneOf("info", "notice", "warn", "error"), Status: Supported},
	{Name: "limit_req_status", In: EveryHTTP, Args: Take1, Once: true, check: numberFrom(400, 599), Status: Supported},
	{Name: "limit_req_dry_run", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
}

var httpLogRows = []Row{
	{Name: "log_format", In: HTTP, Args: More2, Vars: true, check: logFormat, Status: Supported},
	{Name: "access_log", In: EveryHTTP | LocationIf | LimitExcept, Args: More1, Vars: true, check: accessLog, Status: Supported},
	{Name: "open_log_file_cache", In: EveryHTTP, Args: Take1234, Once: true, check: openLogFileCache, Status: Supported},
}

var httpMirrorRows = []Row{
	{Name: "mirror", In: EveryHTTP, Args: Take1, check: mirror, Status: Supported},
	{Name: "mirror_request_body", In: EveryHTTP, Args: Flag, Once: true, check: onOff, Status: Supported},
}

var httpStubStatusRows = []Row{
	{Name: "stub_status", In: Server | Location, Args: NoArgs | Take1, Status: Supported},
}
