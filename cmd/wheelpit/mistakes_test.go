//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mistakes are what operators get wrong; each stands in a server block, unless it begins with "main:" or "http:".
var mistakes = []string{
	"main: user nosuchuser;", "main: user root nosuchgroup;", "main: worker_processes many;", "main: error_log nodir/error.log;",
	"main: include missing.conf;", "main: include missing/*.conf;", "main: pid nodir/nginx.pid;", "main: }",
	"http: upstream a { server nohost.invalid; } server { location / { proxy_pass http://a; } }", "http: upstream a { }",
	"http: proxy_cache_path /proc/nowhere keys_zone=a:1m;", "http: servr { }", "http: access_log nodir/access.log; server { }", "http: log_format a;",
	"http: proxy_cache_path cache keys_zone=a:1m; server { location / { proxy_cache b; proxy_pass http://127.0.0.1:1; } }", "http: map a b;",
	"listen nohost.invalid:1;", "listen 127.0.0.2000:1;", "listen 203.0.113.1:18000;", "listen [::1;", "listen unix:;", "listen 70000;", "listen 127.0.0.1:1 nope;",
	"listen 127.0.0.1:18001; listen 127.0.0.1:18001;", "server_name ~a(;", "server_name *a*;", "root a; root b;", "root a; alias b;", `root "/a;`,
	"location / { } location / { }", "location /a { location /b { } }", "location x y z { }", "location ~ a( { }",
	"location / { proxy_pass 127.0.0.1:8000; }", "location / { proxy_pass http://127.0.0.1:99999; }", "location / { proxy_pass http://nohost.invalid; }",
	"location ~ x { proxy_pass http://127.0.0.1:8000/; }", "location / { uwsgi_pass http://127.0.0.1:8000; }", "location / { fastcgi_pass unix:; }",
	"location / { try_files $uri =404 }", "location / { try_files a; }", "location / { return abc; }", "location / { proxy_next_upstream bogus; }",
	"if (-e /x) return 200;", "set x 1;", "set $host 1;", "rewrite ^ /x bogus;", "return 301 http://a$nothing;", "error_page 404;", "error_page 600 /x;",
	"allow 1.2.3.4/40;", "set_real_ip_from nohost.invalid;", "gzip maybe;", "client_max_body_size 10x;", "limit_req zone=nope;", "expires 1fortnight;",
	"add_header a;", "keepalive_timeout;", "server { }", "worker_connections 1;", "break", "access_log a nope;", "auth_basic_user_file;",
}

// fault finds the first message of a level, without time and process.
var fault = regexp.MustCompile(`\[(?:emerg|alert|crit|error|warn)\] (?:\d+#\d+: )?(.*)`)

// TestMistakesAsNginx has nginx and this program test the same wrong configurations: the first message and the exit code are the same.
func TestMistakesAsNginx(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("nginx is not installed")
	}
	dir := t.TempDir()
	for _, m := range mistakes {
		where, text, _ := strings.Cut(m, ": ")
		conf := map[string]string{
			"main": text + "\nevents { }\nhttp { TEMP }\n",
			"http": "events { }\nhttp { TEMP\n " + text + " }\n",
		}[where]
		if conf == "" {
			conf = "events { }\nhttp { TEMP\n server {\n  " + m + "\n }\n}\n"
		}
		if !strings.Contains(conf, "pid ") {
			conf = "pid nginx.pid;\n" + conf
		}
		temp := ""
		if !strings.Contains(conf, "access_log") {
			temp = "access_log off; "
		}
		for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
			temp += kind + "_temp_path " + kind + "; "
		}
		if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(strings.Replace(conf, "TEMP", temp, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		test := func(program string) string {
			cmd := exec.Command(program, "-t", "-p", dir, "-c", "nginx.conf", "-e", "error.log")
			out, _ := cmd.CombinedOutput()
			first := append(fault.FindStringSubmatch(string(out)), "", "")[1]
			return fmt.Sprintf("%s (exit code %d)", first, cmd.ProcessState.ExitCode())
		}
		if want, got := test(nginx), test(binary); got != want {
			t.Errorf("%s\n  nginx: %s\n   here: %s", m, want, got)
		}
	}
}

// TestListenOnNames: listen may have a name, which stands for all of its addresses.
func TestListenOnNames(t *testing.T) {
	d := newDaemon(t)
	d.write("by name", "")
	_, port, _ := strings.Cut(d.addr, ":")
	name := filepath.Join(d.dir, "nginx.conf")
	text, _ := os.ReadFile(name)
	if err := os.WriteFile(name, []byte(strings.Replace(string(text), "listen "+d.addr, "listen localhost:"+port, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	d.start()
	d.answers("by name")
	if out, log, code := command(t, "", "explain", "http://localhost:"+port+"/", "-c", name); code != 0 || !strings.Contains(out, "127.0.0.1:"+port) {
		t.Errorf("%d %s%s", code, out, log)
	}
}
