package main

import (
	"github.com/wheelpit/wheelpit/server/front"
	"github.com/wheelpit/wheelpit/server/master"
)

// nginx is the program behind NGINX's command line.
var nginx = master.Program{
	Build:   front.Load,
	Version: version,
	Modules: []string{
		"http_proxy_module", "http_fastcgi_module", "http_uwsgi_module", "http_scgi_module", "http_memcached_module", "http_upstream_hash_module",
		"http_upstream_ip_hash_module", "http_upstream_least_conn_module", "http_upstream_least_time_module", "http_upstream_random_module",
		"http_upstream_keepalive_module", "http_upstream_zone_module", "http_upstream_sticky_module",
		"http_access_module", "http_addition_module", "http_auth_request_module", "http_mirror_module", "http_referer_module",
		"http_secure_link_module", "http_ssi_module", "http_userid_module", "http_gzip_static_module", "http_auth_basic_module", "http_autoindex_module", "http_charset_module", "http_empty_gif_module", "http_browser_module", "http_dav_module", "http_flv_module", "http_mp4_module",
		"http_geo_module", "http_gunzip_module", "http_gzip_module", "http_limit_conn_module", "http_limit_req_module",
		"http_map_module", "http_random_index_module", "http_realip_module", "http_rewrite_module", "http_split_clients_module",
		"http_slice_module", "http_stub_status_module", "http_sub_module", "http_xslt_module",
	},
}
