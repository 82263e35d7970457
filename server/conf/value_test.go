package conf

import (
	"fmt"
	"reflect"
	"testing"
)

func TestNumbersAndUnits(t *testing.T) {
	const no = -1
	for _, tt := range []struct {
		parse func(string) (int64, bool)
		text  string
		want  int64
	}{
		{ParseNumber, "0", 0}, {ParseNumber, "007", 7}, {ParseNumber, "", no}, {ParseNumber, "-1", no}, {ParseNumber, "1k", no},
		{ParseNumber, "9223372036854775807", 1<<63 - 1}, {ParseNumber, "9223372036854775808", no},
		{ParseSize, "10", 10}, {ParseSize, "4k", 4096}, {ParseSize, "4K", 4096}, {ParseSize, "2M", 2 << 20}, {ParseSize, "1g", no},
		{ParseSize, "k", no}, {ParseSize, "1 k", no}, {ParseSize, "9007199254740992k", no},
		{ParseOffset, "1g", 1 << 30}, {ParseOffset, "2G", 2 << 30}, {ParseOffset, "1t", no},
		{ParseMsec, "60", 60_000}, {ParseMsec, "0", 0}, {ParseMsec, "500ms", 500}, {ParseMsec, "1m30s", 90_000}, {ParseMsec, "1h 30m", 5_400_000},
		{ParseMsec, "1m 30", 90_000}, {ParseMsec, "1w", 604_800_000}, {ParseMsec, "1M", no}, {ParseMsec, "1y", no}, {ParseMsec, "30s 1m", no},
		{ParseMsec, "1s 500ms", 1500}, {ParseMsec, "1ms 1s", no}, {ParseMsec, "", no}, {ParseMsec, "s", no}, {ParseMsec, "1x", no}, {ParseMsec, "-1", no},
		{ParseSec, "1y", 31_536_000}, {ParseSec, "1M", 2_592_000}, {ParseSec, "1y 1M 1w 1d 1h 1m 1s", 34_822_861}, {ParseSec, "1ms", no}, {ParseSec, "1M 1y", no},
		{ParseSec, "1d 1d", no}, {ParseSec, "9223372036854775807y", no},
	} {
		got, ok := tt.parse(tt.text)
		if !ok {
			got = no
		}
		if got != tt.want {
			t.Errorf("%q: %d, want %d", tt.text, got, tt.want)
		}
	}
}

func TestCompile(t *testing.T) {
	for _, tt := range []struct {
		text string
		want string
	}{
		{"", "[]"}, {"plain", "[{plain  0}]"}, {"$a", "[{ a 0}]"}, {"x${A}y$b-z", "[{x  0} { a 0} {y  0} { b 0} {-z  0}]"},
		{"/u/$1$2x", "[{/u/  0} {  1} {  2} {x  0}]"}, {"$12", "[{  1} {2  0}]"}, {"$0", "[{ 0 0}]"},
		{"$", "invalid variable name"}, {"a$-", "invalid variable name"}, {"${}", "invalid variable name"}, {"${", "invalid variable name"},
		{"${a", `the closing bracket in "a" variable is missing`}, {"${a-}", `the closing bracket in "a" variable is missing`},
	} {
		s, err := Compile(tt.text)
		got := fmt.Sprint([]Part(s))
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%q: %s, want %s", tt.text, got, tt.want)
		}
	}
}

// TestValues checks what the rows make of arguments: the text is the whole directive, with the block it stands in.
func TestValues(t *testing.T) {
	plain := func(s string) Script { return Script{{Text: s}} }
	for _, tt := range []struct {
		in, text string
		want     any
	}{
		{"main", "worker_processes 1 elastic=10000r/s max=auto;", WorkerProcesses{Number: 1, Elastic: 10000}},
		{"main", "worker_processes auto;", WorkerProcesses{Auto: true}},
		{"main", "error_log /e warn;", ErrorLog{"/e", "warn"}}, {"main", "error_log stderr;", ErrorLog{"stderr", "error"}},
		{"main", "worker_priority -5;", int64(-5)}, {"main", "daemon OFF;", false},
		{"http", "keepalive_timeout 75s 60;", [2]int64{75_000, 60}}, {"http", "open_file_cache max=10;", [2]int64{10, 60}},
		{"http", "client_max_body_size 1g;", int64(1 << 30)}, {"http", "output_buffers 2 32k;", Buffers{2, 32 << 10}},
		{"http", "satisfy any;", 1}, {"http", "gzip_proxied any auth;", []string{"any", "auth"}}, {"http", "dav_access group:r all:r;", int64(0o644)},
		{"http", "error_page 404 500 =200 /x$uri;", ErrorPage{[]int{404, 500}, 200, Script{{Text: "/x"}, {Variable: "uri"}}}},
		{"http", "error_page 404 = @a;", ErrorPage{[]int{404}, 0, plain("@a")}},
		{"http", "limit_req_zone $uri zone=a:1m rate=30r/m;", Zone{Script{{Variable: "uri"}}, "a", 1 << 20, 500}},
		{"http", "log_format a escape=json '$uri' ' x';", LogFormat{"a", "json", Script{{Variable: "uri"}, {Text: " x"}}}},
		{"http", "access_log /l combined buffer=4k flush=1s if=$uri;", AccessLog{Target: plain("/l"), Format: "combined", Buffer: 4096, Flush: 1000, If: Script{{Variable: "uri"}}}},
		{"server", "location ~* \\.png$ { }", LocationMatch{RegexNoCase, `\.png$`}}, {"server", "location =/a { }", LocationMatch{Exact, "/a"}},
		{"server", "location @a { }", LocationMatch{NamedLocation, "@a"}}, {"server", "server_name A.Example ~^X;", []string{"a.example", "~^X"}},
		{"server", "return https://$host;", Return{302, Script{{Text: "https://"}, {Variable: "host"}}}}, {"server", "return 204;", Return{Status: 204}},
		{"server", "rewrite ^/a(.*) /b$1? last;", Rewrite{"^/a(.*)", Script{{Text: "/b"}, {Capture: 1}}, false, "last"}},
		{"server", "if ($host ~* ^a(b)$) { }", Condition{Variable: "host", Op: "~*", Pattern: "^a(b)$"}},
		{"server", "if ( !-f $uri ) { }", Condition{Op: "!-f", Text: Script{{Variable: "uri"}}}}, {"server", "if ($host) { }", Condition{Variable: "host"}},
		{"server", `if ($host = "a b") { }`, Condition{Variable: "host", Op: "=", Text: plain("a b")}},
		{"upstream", "server a.example weight=2 backup;", &UpstreamServer{Address: "a.example:80", Weight: 2, MaxFails: 1, FailTimeout: 10, Backup: true}},
		{"location", "limit_except get PUT { }", []string{"GET", "PUT"}}, {"location", "proxy_cache_valid 200 any 5m;", int64(300)},
	} {
		cfg, errs := load(within[tt.in][0]+tt.text+within[tt.in][1], nil, Options{})
		if errs.Failed() {
			t.Errorf("%s: %v", tt.text, errs)
			continue
		}
		var got any
		for _, d := range all(cfg.main) {
			if v := d.Value; v != nil && reflect.TypeOf(v) == reflect.TypeOf(tt.want) {
				got = v
			}
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %#v, want %#v", tt.text, got, tt.want)
		}
	}
}

// all lists a tree, outer directives first.
func all(list []*Directive) (out []*Directive) {
	for d := range flatten(list) {
		out = append(append(out, d), all(d.Block)...)
	}
	return out
}

func TestListen(t *testing.T) {
	for _, tt := range []struct {
		text, address string
		change        func(l *Listen)
	}{
		{"80", "0.0.0.0:80", nil}, {"*:81", "0.0.0.0:81", func(l *Listen) { l.Port, l.LastPort = 81, 81 }},
		{"127.0.0.1", "127.0.0.1:80", func(l *Listen) { l.Host = "127.0.0.1" }},
		{"a.example:8080", "a.example:8080", func(l *Listen) { l.Host, l.Port, l.LastPort = "a.example", 8080, 8080 }},
		{"8000-8010", "0.0.0.0:8000", func(l *Listen) { l.Port, l.LastPort = 8000, 8010 }},
		{"[::]:80 ipv6only=off", "[::]:80", func(l *Listen) { l.Host, l.IPv6Only, l.set = "::", false, true }},
		{"unix:/s", "unix:/s", func(l *Listen) { l.Network, l.Path, l.Port, l.LastPort = "unix", "/s", 0, 0 }},
		{"80 default_server ssl http2 proxy_protocol", "0.0.0.0:80", func(l *Listen) { l.Default, l.SSL, l.HTTP2, l.ProxyProtocol = true, true, true, true }},
		{"80 bind deferred reuseport backlog=9 fastopen=3 rcvbuf=1k sndbuf=2k", "0.0.0.0:80", func(l *Listen) {
			l.Bind, l.Deferred, l.ReusePort, l.set = true, true, true, true
			l.Backlog, l.FastOpen, l.RcvBuf, l.SndBuf = 9, 3, 1024, 2048
		}},
		{"80 so_keepalive=30m::10", "0.0.0.0:80", func(l *Listen) { l.KeepAlive, l.set = KeepAlive{On: true, Idle: 1800, Count: 10}, true }},
		{"80 so_keepalive=off", "0.0.0.0:80", func(l *Listen) { l.KeepAlive, l.set = KeepAlive{Off: true}, true }},
	} {
		want := newListen()
		want.Port, want.LastPort, want.Text = 80, 80, tt.address
		if tt.change != nil {
			tt.change(want)
		}
		cfg, errs := load("events { }\nhttp { server { listen "+tt.text+"; } }", nil, Options{})
		got := cfg.Find("http").Find("server").Find("listen").Value
		if errs.Failed() || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v %v, want %+v", tt.text, got, errs, want)
		}
	}
}

func TestEditDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"location", "loction", 1}, {"server", "sevrer", 1}, {"gzip", "root", 4}, {"abc", "cab", 2}} {
		if got := editDistance(tt.a, tt.b); got != tt.want {
			t.Errorf("%s %s: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
