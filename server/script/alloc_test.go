//go:build !race && !invariants

package script_test

import (
	"net/netip"
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/script"
)

const combined = `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"`

// A whole request, its state included, allocates nothing.
func TestAllocations(t *testing.T) {
	http := load(t, `map $arg_a $mapped { hostnames; default d; ~^(?<x>.)(.*)$ "$2$x"; a 1; *.b.c 2; }
		geo $geo { default d; 127.0.0.0/8 lo; } geo $proxied { proxy 127.0.0.1; 10.0.0.0/8 ten; } split_clients $arg_a $split { 50% a; * b; }
		server { server_name s; set $x "$uri-$mapped"; if ($uri ~ ^/(.*)$) { set $y $1; } if ($x = $y) { return 403; }
			rewrite "^/([^/]+)/(.*)$" /$2/$1?from=$1; rewrite ^/none /x last; set $args "$args&z"; return 302 /$1$uri; }`)
	tab := script.NewTable()
	if err := tab.AddBlocks(http); err != nil {
		t.Fatal(err)
	}
	program, err := script.NewProgram(tab, http.Find("server").Children(), script.ProgramOptions{})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]*script.Script{}
	for _, text := range []string{"constant", "$uri$is_args$args", "$host:$server_port $scheme://$http_host$request_uri", "$arg_a$arg_b$cookie_a$http_x_y", "$request_id$request_id",
		"$mapped $geo $proxied $split", "$msec $request_time $connection $pipe $time_iso8601", "$sent_http_x $sent_http_content_type $sent_http_content_length", "$remote_user$binary_remote_addr"} {
		if texts[text], err = script.Compile(text, tab); err != nil {
			t.Fatal(err)
		}
	}
	line, _ := script.Compile(combined, tab)
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	run := requests(t)
	dst := make([]byte, 0, 4096)
	check := func(what string, f func(*pipeline.Ctx)) {
		if n := testing.AllocsPerRun(200, func() { run(f) }); n != 0 {
			t.Errorf("%s allocates %v times", what, n)
		}
	}
	for text, s := range texts {
		check(text, func(c *pipeline.Ctx) { dst = s.Append(c, dst[:0]) })
	}
	check("a line of the log", func(c *pipeline.Ctx) { dst = line.AppendLog(c, dst[:0], script.EscapeDefault) })
	check("a program", func(c *pipeline.Ctx) { program.Run(c) })
}

// requests returns a function that makes one request after the other of the same Ctx.
func requests(t testing.TB) func(func(*pipeline.Ctx)) {
	t.Helper()
	raw := []byte("GET /a%20b/c?a=x.b.c&b=2 HTTP/1.1\r\nHost: Example.com:80\r\nCookie: a=1; b=2\r\nX-Y: z\r\nX-Forwarded-For: 10.1.1.1\r\n" +
		"Authorization: Basic dXNlcjpwYXNz\r\nUser-Agent: \"x\"\r\n\r\n")
	c, lim := pipeline.NewCtx(), http1.DefaultLimits()
	tr := &transport{netip.MustParseAddrPort("127.0.0.1:1234"), netip.MustParseAddrPort("127.0.0.1:80")}
	path := []byte("/a b/c")
	return func(f func(*pipeline.Ctx)) {
		if v := c.Head.Parse(raw, &lim); v != http1.Complete {
			t.Fatal(v)
		}
		c.Begin(tr, raw, path)
		f(c)
		c.Reset()
	}
}
