package master

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
)

// compatible is the version of NGINX whose directives and behaviour are followed, the same that package script says in the
// field Server. Scripts compare the number that -v prints with the version a feature came with.
const compatible = "1.30.0"

// The modules of NGINX that are there unless its configure is told otherwise. -V says --without for those that do not
// work here, since their absence from the text would mean that they do.
var standardModules = strings.Fields(`
	http_charset_module http_gzip_module http_ssi_module http_userid_module http_access_module http_auth_basic_module
	http_mirror_module http_autoindex_module http_geo_module http_map_module http_split_clients_module
	http_referer_module http_rewrite_module http_proxy_module http_fastcgi_module http_uwsgi_module http_scgi_module
	http_grpc_module http_tunnel_module http_memcached_module http_limit_conn_module http_limit_req_module
	http_empty_gif_module http_browser_module http_upstream_hash_module http_upstream_ip_hash_module
	http_upstream_least_conn_module http_upstream_least_time_module http_upstream_random_module
	http_upstream_keepalive_module http_upstream_zone_module http_upstream_sticky_module`)

// writeVersion writes what -v, -V and -h begin with: NGINX's first line, with this program where a build of NGINX gives
// its name.
func (p *Program) writeVersion(w io.Writer) {
	fmt.Fprintf(w, "nginx version: nginx/%s (wheelpit/%s)\n", compatible, p.Version)
}

// writeConfigure writes what -V adds.
func (p *Program) writeConfigure(w io.Writer) {
	fmt.Fprintf(w, "built by %s %s %s/%s\n", runtime.Compiler, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	args := []string{"--prefix=" + p.Paths.Prefix, "--conf-path=" + p.Paths.Conf, "--error-log-path=" + p.Paths.ErrorLog,
		"--pid-path=" + p.Paths.PID}
	for _, m := range p.Modules {
		if !slices.Contains(standardModules, m) {
			args = append(args, "--with-"+m)
		}
	}
	for _, m := range standardModules {
		if !slices.Contains(p.Modules, m) {
			args = append(args, "--without-"+m)
		}
	}
	fmt.Fprintf(w, "configure arguments: %s\n", strings.Join(args, " "))
}
