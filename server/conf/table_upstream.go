package conf

// The directives of upstream blocks.

func upstreamModules() []module {
	return []module{
		{"http_upstream_module", httpUpstreamRows},
		{"http_upstream_hash_module", httpUpstreamHashRows},
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
	{Name: "upstream", In: HTTP, Args: Take1, Opens: Upstream, check: upstreamBlock},
	{Name: "server", In: Upstream, Args: More1, check: upstreamServer},
	{Name: "resolver", In: Upstream, Args: More1, Once: true, check: resolver},
	{Name: "resolver_timeout", In: Upstream, Args: Take1, Once: true, check: msec},
}

var httpUpstreamHashRows = []Row{
	{Name: "hash", In: Upstream, Args: Take12, Vars: true},
}

var httpUpstreamIpHashRows = []Row{
	{Name: "ip_hash", In: Upstream, Args: NoArgs},
}

var httpUpstreamKeepaliveRows = []Row{
	{Name: "keepalive", In: Upstream, Args: Take12, Once: true, check: keepalive},
	{Name: "keepalive_time", In: Upstream, Args: Take1, Once: true, check: msec},
	{Name: "keepalive_timeout", In: Upstream, Args: Take1, Once: true, check: msec},
	{Name: "keepalive_requests", In: Upstream, Args: Take1, Once: true, check: number},
}

var httpUpstreamLeastConnRows = []Row{
	{Name: "least_conn", In: Upstream, Args: NoArgs},
}

var httpUpstreamLeastTimeRows = []Row{
	{Name: "least_time", In: Upstream, Args: Take12},
}

var httpUpstreamRandomRows = []Row{
	{Name: "random", In: Upstream, Args: NoArgs | Take12},
}

var httpUpstreamStickyRows = []Row{
	{Name: "sticky", In: Upstream, Args: More2},
}

var httpUpstreamZoneRows = []Row{
	{Name: "zone", In: Upstream, Args: Take12, check: upstreamZone},
}
