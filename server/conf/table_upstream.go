package conf

// The directives of upstream blocks.

func upstreamModules() []module {
	return []module{
		{"http_upstream_module", httpUpstreamRows},
		{"http_upstream_hash_module", httpUpstreamHashRows},
		{"http_upstream_hc_module", httpUpstreamHealthRows},
		{"http_upstream_ip_hash_module", httpUpstreamIpHashRows},
		{"http_upstream_keepalive_module", httpUpstreamKeepaliveRows},
		{"http_upstream_least_conn_module", httpUpstreamLeastConnRows},
		{"http_upstream_least_time_module", httpUpstreamLeastTimeRows},
		{"http_upstream_random_module", httpUpstreamRandomRows},
		{"http_upstream_sticky_module", httpUpstreamStickyRows},
		{"http_upstream_zone_module", httpUpstreamZoneRows},
	}
}

var httpUpstreamRows = []Row{
	{Name: "upstream", In: HTTP, Args: Take1, Opens: Upstream, check: upstreamBlock, Status: Supported},
	{Name: "server", In: Upstream, Args: More1, check: upstreamServer, Status: Supported},
	{Name: "resolver", In: Upstream, Args: More1, Once: true, check: resolver, Status: Supported},
	{Name: "resolver_timeout", In: Upstream, Args: Take1, Once: true, check: msec, Status: Supported},
	// queue is NGINX Plus' own.
	{Name: "queue", In: Upstream, Args: Take12, Once: true, Status: Supported},
}

// httpUpstreamHealthRows are NGINX Plus' own: the lines of match are read when the configuration is built.
var httpUpstreamHealthRows = []Row{
	{Name: "health_check", In: Location, Args: AnyArgs, Status: Supported},
	{Name: "match", In: HTTP, Args: Take1, Opens: Entries, Status: Supported},
}

var httpUpstreamHashRows = []Row{
	{Name: "hash", In: Upstream, Args: Take12, Vars: true, Status: Supported},
}

var httpUpstreamIpHashRows = []Row{
	{Name: "ip_hash", In: Upstream, Args: NoArgs, Status: Supported},
}

var httpUpstreamKeepaliveRows = []Row{
	{Name: "keepalive", In: Upstream, Args: Take12, Once: true, check: keepalive, Status: Supported},
	{Name: "keepalive_time", In: Upstream, Args: Take1, Once: true, check: msec, Status: Supported},
	{Name: "keepalive_timeout", In: Upstream, Args: Take1, Once: true, check: msec, Status: Supported},
	{Name: "keepalive_requests", In: Upstream, Args: Take1, Once: true, check: number, Status: Supported},
}

var httpUpstreamLeastConnRows = []Row{
	{Name: "least_conn", In: Upstream, Args: NoArgs, Status: Supported},
}

var httpUpstreamLeastTimeRows = []Row{
	{Name: "least_time", In: Upstream, Args: Take12, Status: Supported},
}

var httpUpstreamRandomRows = []Row{
	{Name: "random", In: Upstream, Args: NoArgs | Take12, Status: Supported},
}

var httpUpstreamStickyRows = []Row{
	{Name: "sticky", In: Upstream, Args: More2, Status: Supported},
}

var httpUpstreamZoneRows = []Row{
	{Name: "zone", In: Upstream, Args: Take12, check: upstreamZone, Status: Supported},
}
