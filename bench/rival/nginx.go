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
func (nginx) Features() Feature { return Fixed | AllFiles | ETags }

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
%[3]s
    server {
        listen %[4]s backlog=4096;
        root "%[5]s";
        location = /hello { return 200 "` + FixedAnswer + `"; }
    }
}
`

func (nginx) Command(site Site) (*exec.Cmd, error) {
	user := ""
	if runsAsRoot() {
		user = "user root;"
	}
	var temp strings.Builder
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temp, "    %s_temp_path temp_%s;\n", name, name)
	}
	text := fmt.Sprintf(nginxConfig, user, site.Connections+32, temp.String(), site.Addr, site.Root)
	conf, err := writeConfig(site, "nginx.conf", text)
	if err != nil {
		return nil, err
	}
	return exec.Command("nginx", "-p", site.Work, "-c", conf, "-e", filepath.Join(site.Work, "error.log")), nil
}
