package script

import (
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// A configuration may name the variables of any module, a log format those of upstreams for locations that have none. So
// every table has them, with the value that NGINX gives where the module has nothing to do; a feature that knows better
// replaces them with Add and AddPrefix.

// absent are not found.
const absent = `connections_active connections_reading connections_waiting connections_writing
	fastcgi_path_info fastcgi_script_name grpc_internal_trailers gzip_ratio brotli_ratio zstd_ratio limit_conn_status limit_req_status
	proxy_host proxy_internal_body_length proxy_internal_chunked proxy_port secure_link secure_link_expires slice_range
	ssl_alpn_protocol ssl_cipher ssl_ciphers ssl_client_cert ssl_client_escaped_cert ssl_client_fingerprint
	ssl_client_i_dn ssl_client_i_dn_legacy ssl_client_raw_cert ssl_client_s_dn ssl_client_s_dn_legacy
	ssl_client_serial ssl_client_sigalg ssl_client_v_end ssl_client_v_remain ssl_client_v_start ssl_client_verify
	ssl_curve ssl_curves ssl_early_data ssl_ech_outer_server_name ssl_ech_status ssl_protocol ssl_server_name
	ssl_session_id ssl_session_reused ssl_sigalg ssl_sigalgs uid_got uid_set
	upstream_addr upstream_bytes_received upstream_bytes_sent upstream_cache_etag upstream_cache_last_modified
	upstream_cache_status upstream_connect_time upstream_header_time upstream_response_length upstream_response_time upstream_status`

// empty are found and empty.
const empty = `http2 invalid_referer modern_browser msie uid_reset`

// addModules makes the variables of modules.
func (t *Table) addModules() {
	for name := range strings.FieldsSeq(absent) {
		t.addDefault(name, notFound)
	}
	for name := range strings.FieldsSeq(empty) {
		t.addDefault(name, constant(""))
	}
	t.addDefault("ancient_browser", constant("1")) // as every browser that no directive calls modern
	t.addDefault("date_gmt", appendDateGMT)
	t.addDefault("date_local", appendDateLocal)
	t.addDefault("realip_remote_addr", appendRemoteAddr)
	t.addDefault("realip_remote_port", appendRemotePort)
	t.addDefault("proxy_add_x_forwarded_for", appendForwardedFor)
	for _, name := range []string{"upstream_http_", "upstream_trailer_", "upstream_cookie_"} {
		t.AddPrefix(name, func(string) Getter { return notFound })
	}
}

// addDefault makes a variable that a feature may replace.
func (t *Table) addDefault(name string, get Getter) {
	t.variables[name] = &Variable{name: name, get: get, flags: Changeable, slot: -1}
}

// appendForwardedFor appends the X-Forwarded-For that the next server is to get.
func appendForwardedFor(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	dst, found := appendFields(c, dst, http1.XForwardedFor, ", ")
	if found {
		dst = append(dst, ", "...)
	}
	return appendAddr(dst, c.Remote().Addr()), true
}
