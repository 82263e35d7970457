package rival

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// nginx is the baseline of all comparisons.
type nginx struct{}

var nginxVersion = regexp.MustCompile(`nginx/[\d.]+`)

func (nginx) Name() string      { return "nginx" }
func (nginx) Features() Feature { return Fixed | AllFiles | ETags | Conf | Relay }

func (nginx) Version(ctx context.Context) (string, error) {
	return versionOf(ctx, nginxVersion, "nginx", "-v")
}

// The open-file cache is nginx's answer to what other servers do by default; without it static files cost it a third
// more. It keeps entries for the whole run.
const nginxConfig = `daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log;
%[1]s
events { worker_connections %[2]d; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=20000 inactive=1h;
    open_file_cache_valid 1h;
    keepalive_timeout 1h;
    keepalive_requests 1000000000;
    types { text/plain txt; application/octet-stream bin; }
    default_type text/plain;
%[3]s%[6]s
    server {
        listen %[4]s backlog=4096;
        root "%[5]s";
        location = /hello { return 200 "` + FixedAnswer + `"; }
%[7]s    }
}
`

// confHTTP and confLocations are what is measured of a front server: the two proxies, the cache, five modules of the phases before
// the content, the access log, compression. The directories are the work directory's.
const (
	confHTTP = `
    upstream backend { server %[1]s; keepalive 64; keepalive_requests 1000000000; }
    proxy_cache_path cache keys_zone=cache:10m max_size=1g;
    limit_req_zone $binary_remote_addr zone=requests:1m rate=1000000r/s;
    limit_conn_zone $binary_remote_addr zone=connections:1m;
`
	confLocations = `
        location /proxied/ { proxy_pass http://backend/; proxy_http_version 1.1; proxy_set_header Connection ""; }
        location /cached/ {
            proxy_pass http://backend/; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_cache cache; proxy_cache_valid 200 1h;
        }
        location /micro/ {
            proxy_pass http://backend/; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_cache cache; proxy_cache_valid 200 1s; proxy_cache_lock on; proxy_cache_use_stale updating; proxy_cache_background_update on;
        }
        location /uwsgi/ {
            uwsgi_pass %[2]s;
            uwsgi_param REQUEST_METHOD $request_method; uwsgi_param REQUEST_URI $request_uri; uwsgi_param PATH_INFO $document_uri;
            uwsgi_param QUERY_STRING $query_string; uwsgi_param SERVER_PROTOCOL $server_protocol; uwsgi_param REMOTE_ADDR $remote_addr;
        }
        location = /logged { access_log access.log; return 200 "` + FixedAnswer + `"; }
        location /plain/ { alias "%[3]s/"; }
        location /phases/ {
            alias "%[3]s/";
            limit_req zone=requests burst=1000000 nodelay; limit_conn connections 60000;
            allow 127.0.0.0/8; deny all; set $visited yes; add_header X-Visited $visited;
        }
        location /gzipped/ { alias "%[3]s/"; gzip on; gzip_comp_level 1; gzip_types application/octet-stream; }
`
)

func (nginx) Command(site Site) (*exec.Cmd, error) { return nginxCommand(site, "nginx") }

// nginxCommand writes the configuration and returns the command of a program that reads it.
func nginxCommand(site Site, argv ...string) (*exec.Cmd, error) {
	user := ""
	if runsAsRoot() {
		user = "user root;"
	}
	var temp strings.Builder
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temp, "    %s_temp_path temp_%s;\n", name, name)
	}
	http, locations := "", ""
	if site.Backend.IsValid() {
		http, locations = fmt.Sprintf(confHTTP, site.Backend), fmt.Sprintf(confLocations, site.Backend, site.UWSGI, site.Root)
	}
	text := fmt.Sprintf(nginxConfig, user, 2*site.Connections+64, temp.String(), site.Addr, site.Root, http, locations)
	conf, err := writeConfig(site, "nginx.conf", text)
	if err != nil {
		return nil, err
	}
	argv = append(argv, "-p", site.Work, "-c", conf, "-e", filepath.Join(site.Work, "error.log"))
	return exec.Command(argv[0], argv[1:]...), nil
}
