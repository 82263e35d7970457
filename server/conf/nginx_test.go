package conf

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// within are the blocks around a fragment, by the context it stands in.
var within = map[string][2]string{
	"main":     {"", "\nevents { }\n"},
	"events":   {"events {\n", "\n}\n"},
	"http":     {"events { }\nhttp {\n", "\n}\n"},
	"server":   {"events { }\nhttp {\nserver {\n", "\n}\n}\n"},
	"location": {"events { }\nhttp {\nserver {\nlocation / {\n", "\n}\n}\n}\n"},
	"limit":    {"events { }\nhttp {\nserver {\nlocation / {\nlimit_except GET {\n", "\n}\n}\n}\n}\n"},
	"if":       {"events { }\nhttp {\nserver {\nlocation / {\nif ($uri) {\n", "\n}\n}\n}\n}\n"},
	"upstream": {"events { }\nhttp {\nupstream u {\nserver 127.0.0.1;\n", "\n}\n}\n"},
	"whole":    {"", ""},
}

// broken are faults, each with the context its text stands in. The first error must be what NGINX says.
var broken = []struct{ in, text string }{
	{"main", "foo;"}, {"main", "foo bar {\n}"}, {"main", "user;"}, {"main", "user a b c;"}, {"main", "daemon maybe;"},
	{"main", "daemon on;\ndaemon off;"}, {"main", "worker_processes x;"}, {"main", "worker_processes 1;\nworker_processes auto;"},
	{"main", "root /x;"}, {"main", "events;"}, {"main", "http;"}, {"main", "http {"}, {"main", "}"}, {"main", "lock_file"},
	{"main", "lock_file /x }"}, {"main", "lock_file \"/x\"y;"}, {"main", "lock_file \"/x;\n"}, {"main", "lock_file '/x\n;"}, {"main", "{ }"}, {"main", ";"},
	{"main", "lock_file a;;"}, {"main", "worker_rlimit_core 1x;"}, {"main", "worker_priority --1;"}, {"main", "error_log /dev/null foo;"},
	{"main", "error_log /dev/null warn info;"}, {"main", "include;"}, {"main", "include /no/such/file;"},
	{"main", "include /no/such/*.conf;\nfoo;"}, {"main", "include a b;"}, {"main", "worker_shutdown_timeout 1m 1h;"},
	{"main", "worker_shutdown_timeout '1m 1h';"}, {"main", "lock_file a\nb\nc;"}, {"main", "lock_file a {"}, {"main", "\ufeffpid a;"},
	{"main", "http { }\nhttp { }"}, {"main", "debug_points sometimes;"}, {"whole", ""}, {"whole", "http { }"}, {"whole", "#x"},
	{"whole", "events { }\nhttp {\n"}, {"whole", "events {"}, {"whole", "events { }\nhttp {\n server {\n }\n"},
	{"main", "lock_file " + strings.Repeat("x", 5000) + ";"}, {"main", "lock_file \"" + strings.Repeat("x", 5000) + "\";"},
	{"main", "lock_file '" + strings.Repeat("x\n", 2500) + "';"}, {"main", "#" + strings.Repeat("x", 5000)},
	{"main", strings.Repeat("x", 1200) + ";"}, {"main", "lock_file " + strings.Repeat("x", 4095) + "; foo;"},
	{"events", "use kqueue;"}, {"events", "worker_connections many;"}, {"events", "multi_accept yes;"}, {"events", "server { }"},
	{"http", "foo;"}, {"http", "server;"}, {"http", "server x { }"}, {"http", "location / { }"}, {"http", "sendfile ja;"},
	{"http", "client_max_body_size 1x;"}, {"http", "client_body_buffer_size 1g;"}, {"http", "client_body_timeout 1y;"},
	{"http", "keepalive_timeout x;"}, {"http", "keepalive_timeout 1 x;"}, {"http", "types { text/html html }"},
	{"http", "types { text/html { } }"}, {"http", "error_page 200 /x;"}, {"http", "error_page 499 /x;"}, {"http", "error_page x /x;"},
	{"http", "error_page =200 /x;"}, {"http", "error_page 404 =x /x;"}, {"http", "open_file_cache inactive=1s;"},
	{"http", "open_file_cache max=0;"}, {"http", "gzip_comp_level 10;"}, {"http", "gzip_http_version 2;"}, {"http", "gzip_proxied some;"},
	{"http", "gzip_buffers 0 4k;"}, {"http", "log_format main '$x';\nlog_format main '$y';"}, {"http", "access_log /dev/null nope;"},
	{"http", "access_log off x;"}, {"http", "access_log /dev/null combined flush=1s;"}, {"http", "access_log /dev/null combined buffer=x;"},
	{"http", "access_log /dev/$uri combined buffer=1k;"}, {"http", "log_format m escape=xml '$uri';"}, {"http", "log_format m '$uri$';"},
	{"http", "log_format m '${uri';"}, {"http", "limit_req_zone $uri zone=a:1m;"}, {"http", "limit_req_zone $uri zone=a rate=1r/s;"},
	{"http", "limit_req_zone $uri zone=a:1k rate=1r/s;"}, {"http", "limit_req_zone $uri zone=a:1m rate=x;"},
	{"http", "limit_req_zone $uri size=1 rate=1r/s;"}, {"http", "limit_req_zone $uri zone=:1m rate=1r/s;"},
	{"http", "limit_req zone=nope;"}, {"http", "limit_req burst=5;"}, {"http", "limit_req_zone $uri zone=a:1m rate=1r/s;\nlimit_req zone=a burst=0;"},
	{"http", "limit_conn a 0;"}, {"http", "limit_conn a 70000;"}, {"http", "limit_conn_zone $uri zone=a:1m;\nlimit_conn a 1;\nlimit_conn a 2;"},
	{"http", "limit_req_zone $uri zone=a:1m rate=1r/s;\nlimit_conn a 1;"}, {"http", "limit_conn a 1;\nlimit_req_zone $uri zone=a:1m rate=1r/s;"},
	{"http", "limit_conn_zone $uri zone=a:1m;\nlimit_req_zone $uri zone=a:1m rate=1r/s;"},
	{"location", "fastcgi_pass php;"}, {"location", "uwsgi_pass uwsgi://a;"}, {"location", "scgi_pass 127.0.0.1:x;"}, {"location", "fastcgi_pass [::1];"},
	{"location", "fastcgi_pass 127.0.0.1:70000;"},
	{"http", "map $uri { }"}, {"http", "map $uri x { }"}, {"http", "map $uri $x { a; }"}, {"http", "map $uri $x { a 1; a 2; }"},
	{"http", "map $uri $x { default 1; default 2; }"}, {"http", "map $uri $uri { }"}, {"http", "geo $x { 1.2.3.4.5 1; }"}, {"http", "geo x { }"},
	{"http", "geo $x { a b c; }"}, {"http", "split_clients $uri $x { 60% a; 60% b; }"}, {"http", "split_clients $uri $x { x a; }"},
	{"http", "upstream u { }"}, {"http", "upstream u { server 127.0.0.1 weight=0; }"}, {"http", "upstream u { server 127.0.0.1 foo; }"},
	{"http", "upstream u { server 127.0.0.1:99999; }"}, {"http", "upstream u { server 127.0.0.1; }\nupstream u { server 127.0.0.1; }"},
	{"http", "upstream u { listen 80; }"}, {"http", "log_format m '$nope'; access_log /dev/null m;"}, {"http", "charset_map a b { x; }"},
	{"server", "listen x:y;"}, {"server", "listen 80 foo;"}, {"server", "listen 0;"}, {"server", "listen 70000;"}, {"server", "listen :80;"},
	{"server", "listen [::1;"}, {"server", "listen [x]:80;"}, {"server", "listen unix:;"}, {"server", "listen 80;\nlisten 80;"},
	{"server", "listen 80 backlog=0;"}, {"server", "listen 80 so_keepalive=x;"}, {"server", "listen 80 ipv6only=ok;"}, {"server", "listen 1.2.3.4:80/x;"},
	{"server", "listen 80 rcvbuf=x;"}, {"server", "listen 90-80;"}, {"server", "listen 8000-8002;\nlisten 8001;"}, {"server", "listen 80;\nlisten *:80;"}, {"server", "listen *:80 bind;\n} server { listen *:80 bind;"},
	{"server", "listen 80 default_server;\n} server { listen 80 default_server;"}, {"server", "server_name *x;"}, {"server", "server_name .;"},
	{"server", "server_name ~;"}, {"server", "server_name ~(;"}, {"server", "server_name ~[a;"}, {"server", "location / { }\nlocation / { }"},
	{"server", "location = / { }\nlocation =/ { }"}, {"server", "location ^~ /a { }\nlocation /a { }"}, {"server", "location ! / { }"},
	{"server", "location { }"}, {"server", "location / a b { }"}, {"server", "location /;"}, {"server", "location = /a { location /a/b { } }"},
	{"server", "location /a { location /b { } }"}, {"server", "location @a { location /b { } }"}, {"server", "location /a { location @b { } }"},
	{"server", "location ~ ( { }"}, {"server", "location ~* [ { }"}, {"server", "root /a;\nroot /b;"}, {"server", "root $document_root/x;"},
	{"server", "alias /x;"}, {"server", "location @a { alias /x; }"}, {"server", "return x;"}, {"server", "return 1000;"}, {"server", "return 200 a b;"},
	{"server", "return 200 $nope;"}, {"server", "return 200 ${uri;"}, {"server", "return 200 $;"}, {"server", "set x 1;"}, {"server", "set $ 1;"},
	{"server", "set $uri 1;"}, {"server", "set $x $nope;"}, {"server", "rewrite ( /x;"}, {"server", "rewrite a b c;"}, {"server", "rewrite a '';"},
	{"server", "if { }"}, {"server", "if $uri { }"}, {"server", "if ($uri { }"}, {"server", "if ($uri == a) { }"}, {"server", "if (uri = a) { }"},
	{"server", "if ($uri ~ () { }"}, {"server", "if (-z /x) { }"}, {"server", "if ($uri = a b) { }"}, {"server", "if (-f a b) { }"}, {"server", "if ($nope) { }"},
	{"server", "if ($uri) { root /x; }"}, {"server", "break on;"}, {"server", "satisfy some;"}, {"server", "allow x;"}, {"server", "deny 1.2.3.4/33;"},
	{"server", "index;"}, {"server", "try_files a;"}, {"server", "expires;"}, {"server", "add_header a;"}, {"server", "error_log /dev/null x;"},
	{"server", "ssl_protocols TLSv9;"}, {"server", "ssl_verify_client maybe;"}, {"server", "proxy_pass http://127.0.0.1;"},
	{"location", "alias /x;\nroot /y;"}, {"location", "root /x;\nalias /y;"}, {"location", "alias /x;\nalias /y;"}, {"location", "limit_except FOO { }"},
	{"location", "limit_except GET { }\nlimit_except GET { }"}, {"location", "limit_except GET { root /x; }"}, {"location", "proxy_pass ftp://x;"},
	{"location", "proxy_pass 127.0.0.1;"}, {"location", "proxy_pass http://;"}, {"location", "proxy_pass http://127.0.0.1;\nproxy_pass http://127.0.0.1;"},
	{"location", "proxy_set_header a;"}, {"location", "proxy_buffers 4 x;"}, {"location", "proxy_next_upstream foo;"}, {"location", "proxy_cache_valid x;"},
	{"location", "proxy_cache_valid 999 1m;"}, {"location", "internal on;"}, {"location", "internal;\ninternal;"}, {"location", "keepalive_disable ie;"},
	{"location", "if ($uri) { proxy_pass http://127.0.0.1/x; }"}, {"location", "server_name x;"}, {"location", "dav_access user:x;"}, {"location", "dav_methods GET;"},
	{"location", "client_body_temp_path /tmp/x 0;"}, {"location", "limit_rate 1x;"}, {"location", "uwsgi_modifier1 256;"}, {"location", "types_hash_max_size x;"},
	{"location", "aio maybe;"}, {"location", "disable_symlinks from=/x;"}, {"location", "disable_symlinks on off;"}, {"location", "disable_symlinks off from=/x;"},
	{"location", "proxy_bind x;"}, {"location", "proxy_bind 127.0.0.1 y;"}, {"location", "userid_mark ab;"}, {"location", "userid_expires x;"},
	{"location", "open_log_file_cache inactive=1m;"}, {"location", "expires x;"}, {"location", "expires a 1d;"}, {"location", "expires @25h;"},
	{"location", "expires modified max;"}, {"location", "expires -1;\nexpires off;"}, {"http", "connection_pool_size 100;"}, {"http", "connection_pool_size 300;"},
	{"if", "if ($uri) { }"}, {"if", "root /x;\nroot /y;"}, {"if", "location / { }"}, {"if", "foo"},
	{"upstream", "keepalive x;"}, {"upstream", "keepalive 1;\nkeepalive 2;"}, {"upstream", "zone a 1k;"}, {"upstream", "root /x;"},
	{"server", "proxy_buffers 1 4k;"}, {"server", "proxy_buffer_size 16k;"}, {"server", "fastcgi_buffer_size 16k;\nfastcgi_buffers 2 4k;"},
	{"location", "proxy_busy_buffers_size 2k;"}, {"location", "uwsgi_busy_buffers_size 64k;"}, {"location", "scgi_temp_file_write_size 2k;"},
	{"server", "proxy_max_temp_file_size 2k;\nlocation / { proxy_max_temp_file_size 0; }"}, {"http", "proxy_buffers 1 4k;"},
	{"http", "proxy_buffers 1 4k;\nserver { proxy_buffers 4 8k;\nlocation / { proxy_buffer_size 32k; }\n}"},
	{"http", "fastcgi_buffers 1 4k;\nserver { location / { proxy_buffers 1 4k; } }"},
	{"upstream", "server unix:;"}, {"upstream", "server 127.0.0.1 max_fails=x;"},
	{"main", "worker_cpu_affinity 012;"}, {"main", "worker_cpu_affinity auto 11 10;"}, {"main", "worker_cpu_affinity autox;"},
	{"main", "thread_pool a threads=x;"}, {"main", "thread_pool a threads=0;"}, {"main", "thread_pool a threads=4 max_queue=x;"},
	{"main", "thread_pool a foo=1;"}, {"main", "thread_pool a threads=1;\nthread_pool a threads=2;"}, {"http", "aio threads=nope;"}, {"http", "aio threads=;"},
	{"events", "debug_connection 1.2.3.4/33;"}, {"main", "include /no/such/[;"}, {"http", "types { include; }"}, {"http", "types { include a b; }"},
	{"server", "server_name ~^(?<1x>.*)$;"}, {"server", "location ~ (?<a>x)(?<a>y) { }"}, {"server", "location @a { }\nlocation @a { }"},
	{"server", "location ~ ^/(?<a_name_of_more_than_32_letters_is_refused>x) { }"}, {"http", "geo $a { 1.2.3.4 x; ranges; }"}, {"http", "geo $a { default x; ranges; }"},
	{"http", "split_clients $uri $a { * b; 50% c; }"}, {"http", "split_clients $uri $a { 0% a; }"}, {"http", "split_clients $uri $a { .5% a; 5.% b; }"},
	{"http", "split_clients $uri $a { 150% a; }"}, {"http", "split_clients $uri $a { % a; }"},
	{"http", "access_log /dev/null combined buffer=4k;\naccess_log /dev/null combined buffer=8k;"},
	{"http", "access_log /dev/null combined buffer=4k flush=5s;\naccess_log /dev/null combined buffer=4k flush=6s;"},
	{"http", "access_log /dev/null combined;\naccess_log /dev/null combined buffer=4k;"}, {"http", "open_log_file_cache max=10 min_uses=0;"},
	{"http", "expires modified @1h;"}, {"http", "expires -@1h;"}, {"http", "expires --1;"}, {"http", "expires @25h;"}, {"http", "add_header a b c;"}, {"http", "add_trailer a b c;"},
	{"http", "gzip_disable (;"}, {"http", "gzip_disable msie6 [;"}, {"http", "charset $nope;"}, {"http", "source_charset $nope;"},
	{"http", "set_real_ip_from 1.2.3.4/33;"}, {"http", "set_real_ip_from ::1/129;"}, {"http", "mirror /a;\nmirror off;"}, {"http", "mirror off;\nmirror /a;"},
	{"http", "sub_filter '' b;"}, {"http", "index '';"}, {"http", "modern_browser foo 1.0;"}, {"http", "modern_browser msie x;"}, {"http", "modern_browser unlisted x;"},
	{"server", "try_files a =;"}, {"server", "try_files a =x;"}, {"server", "try_files a =1000;"}, {"server", "valid_referers none blocked server_names;"},
	{"server", "location / { secure_link_secret a; secure_link b; }"}, {"server", "location / { secure_link_md5 a; secure_link_secret b; }"},
	{"server", "secure_link_secret a;\nlocation / { secure_link b; }"},
	{"location", "proxy_redirect default;"}, {"location", "proxy_pass http://127.0.0.1; proxy_redirect off; proxy_redirect a b;"}, {"location", "proxy_redirect foo;"},
	{"location", "proxy_cookie_domain x;"}, {"location", "proxy_cookie_domain a b; proxy_cookie_domain off;"}, {"location", "proxy_cookie_path a;"},
	{"location", "proxy_store on; proxy_cache x;"}, {"location", "proxy_cache x; proxy_store on;"}, {"location", "proxy_cache nope;"}, {"location", "scgi_cache x;"},
	{"http", "proxy_cache a;"}, {"http", "proxy_cache a;\nserver { }"}, {"location", "proxy_set_body $nope;"},
	{"http", "proxy_cache_path /tmp/a keys_zone=a:1m use_temp_path=x;"}, {"http", "proxy_cache_path /tmp/a keys_zone=a:1m;\nproxy_cache_path /tmp/a keys_zone=b:1m;"},
	{"http", "proxy_cache_path /tmp/a keys_zone=a:1m;\nlimit_req_zone $uri zone=a:1m rate=1r/s;"},
	{"http", "fastcgi_cache_path /tmp/a keys_zone=a:1m;\nserver { location / { proxy_cache a; proxy_pass http://127.0.0.1; } }"},
	{"location", "fastcgi_param a b x;"}, {"location", "uwsgi_param a b c;"}, {"location", "scgi_param a b c;"}, {"upstream", "zone a;"},
	{"http", "upstream A { server 127.0.0.1; }\nupstream a { server 127.0.0.1; }"},
	{"http", "upstream a { zone a 64k; server 127.0.0.1; }\nupstream b { zone a 128k; server 127.0.0.1; }"},
}

// firstEmerg is the first fatal line that NGINX writes, without the program's name.
var firstEmerg = regexp.MustCompile(`(?m)^nginx: \[emerg\] (.*)$`)

// nginx returns a function that gives NGINX's first error of a file, or skips the test.
func nginx(t *testing.T) func(file string) string {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("nginx is not installed; there is nothing to compare with")
	}
	dir := t.TempDir()
	return func(file string) string {
		out, _ := exec.Command(path, "-t", "-p", dir, "-e", "/dev/null", "-c", file).CombinedOutput()
		m := firstEmerg.FindStringSubmatch(string(out))
		if m == nil {
			return ""
		}
		return m[1]
	}
}

var full = flag.Bool("full", false, "compare every directive with NGINX in every context, not one case in 41")

// TestTableIsNGINXs writes each directive of the table into each context, with no argument, with three, and twice, and
// compares what the two say. Directives that the nginx at hand does not know, or that are refused here, are left out.
func TestTableIsNGINXs(t *testing.T) {
	theirs := nginx(t)
	file := filepath.Join(t.TempDir(), "nginx.conf")
	n := 0
	for _, name := range tableNames() {
		for _, in := range []string{"main", "events", "http", "server", "location", "if", "limit", "upstream"} {
			for _, args := range []string{"", " 1 2 3", " on;\n" + name + " on", " 1;\n" + name + " 1"} {
				if in == "upstream" && strings.HasPrefix(name, "resolver") {
					continue // since NGINX 1.27.3
				}
				if n++; !*full && n%41 != 0 {
					continue
				}
				text := within[in][0] + name + args + ";" + within[in][1]
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				want := theirs(file)
				_, errs := Load(file, Options{})
				got := firstOf(errs)
				if !aboutTable(got) && !aboutTable(want) || strings.HasPrefix(want, "unknown directive") {
					continue
				}
				if strings.Contains(got, "is duplicate") && !aboutTable(want) && want != "" || strings.HasPrefix(name, "http2_") {
					continue // NGINX minds the value before it comes to the second; most of http2_ is obsolete since 1.25.1
				}
				if got != want {
					t.Errorf("%s: %s%s\nnginx %s\nours  %s", in, name, args, want, got)
				}
			}
		}
	}
}

// aboutTable says whether an error comes from the table rather than from the value.
func aboutTable(e string) bool {
	for _, s := range []string{"is not allowed here", "invalid number of arguments", "has no opening", "is not terminated",
		"is duplicate"} {
		if strings.Contains(e, s) {
			return true
		}
	}
	return false
}

// tableNames are the names of the table that are not refused.
func tableNames() (names []string) {
	for name, rows := range table {
		refused := true
		for _, r := range rows {
			refused = refused && r.Status == Refused
		}
		if !refused && name != "worker_processes" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestFirstErrorIsNGINXs(t *testing.T) {
	theirs := nginx(t)
	file := filepath.Join(t.TempDir(), "nginx.conf")
	for _, tt := range broken {
		text := within[tt.in][0] + tt.text + within[tt.in][1]
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		want := theirs(file)
		_, errs := Load(file, Options{})
		if got := firstOf(errs); got != want {
			t.Errorf("%s: %.60q\nnginx %s\nours  %s", tt.in, tt.text, want, got)
		}
	}
}

func firstOf(errs Errors) string {
	for _, e := range errs {
		if e.Level == Emerg {
			return e.Error()
		}
	}
	return ""
}

// Types that are listed twice are warned of, and no others.
func TestDuplicateTypesAsNGINX(t *testing.T) {
	theirs := nginxWarnings(t)
	file := filepath.Join(t.TempDir(), "nginx.conf")
	for _, text := range []string{
		"gzip_types text/html;", "gzip_types text/css text/CSS;", "gzip_types text/css;\ngzip_types text/plain text/css;",
		"gzip_types * text/html;", "gzip_types *;\ngzip_types text/html;", "ssi_types text/html;", "sub_filter_types text/html a/b;",
		"addition_types text/html;", "charset_types text/html text/xml;", "gzip_types a/b;\nserver { gzip_types a/b; }",
	} {
		if err := os.WriteFile(file, []byte(within["http"][0]+text+within["http"][1]), 0o600); err != nil {
			t.Fatal(err)
		}
		var got []string
		_, errs := Load(file, Options{})
		for _, e := range errs {
			got = append(got, e.Error())
		}
		if want := theirs(file); !slices.Equal(got, want) {
			t.Errorf("%s\nnginx %q\nours  %q", text, want, got)
		}
	}
}

// nginxWarnings is nginx for the warnings.
func nginxWarnings(t *testing.T) func(file string) []string {
	t.Helper()
	nginx(t)
	warning := regexp.MustCompile(`(?m)\[warn\] \d+#\d+: (.*)$`)
	return func(file string) (list []string) {
		out, _ := exec.Command("nginx", "-t", "-p", t.TempDir(), "-e", "stderr", "-c", file).CombinedOutput()
		for _, m := range warning.FindAllStringSubmatch(string(out), -1) {
			if !strings.Contains(m[1], `"user" directive`) {
				list = append(list, m[1])
			}
		}
		return list
	}
}

// A directory is no configuration.
func TestDirectoryAsFile(t *testing.T) {
	dir := t.TempDir()
	want := `pread() "` + dir + `" failed (21: Is a directory)`
	_, errs := Load(dir, Options{})
	if len(errs) != 1 || errs[0].Level != Crit || errs[0].Error() != want || !errs.Failed() {
		t.Errorf("%v, want %s", errs, want)
	}
}
