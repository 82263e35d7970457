//go:build linux

package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// recipes are configurations as the manuals of application servers give them to operators, and walks through each. A request is a
// method and a target, with fields and a body behind them as they are sent.
var recipes = map[string]struct {
	need  func(k *kitchen)
	walks []string
}{
	"django": {(*kitchen).uwsgi, []string{
		"GET /", "GET /static/a.css", "GET /static", "GET /static/", "GET /static/none", "GET /media/m.txt", "GET /media/../x", "GET /poll/1/?q=a%20b&c=%3D",
		"GET /a%2Fb/", "GET /none", "GET /moved", "GET /%E2%82%AC", "HEAD /", "OPTIONS /", "PUT /x\r\nContent-Length: 5\r\n\r\nhello",
		"POST /form\r\nContent-Type: application/x-www-form-urlencoded\r\nCookie: csrftoken=1\r\nContent-Length: 3\r\n\r\na=1", "POST /large\r\nContent-Length: 99999999999\r\n\r\n",
		"POST /form\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "GET /static/a.css\r\nRange: bytes=0-1\r\n\r\n",
	}},
	"gunicorn": {(*kitchen).http, []string{
		"GET /", "GET /a.txt", "GET /x?y=1", "GET /moved", "GET /cookies", "GET /points", "GET /fails/500", "GET /fails/404", "GET /gone", "GET /50x.html", "GET //x//y", "GET /a/../b",
		"GET /a%20b", "HEAD /x", "DELETE /x", "POST /form\r\nContent-Length: 3\r\n\r\nabc", "POST /form\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"GET /x\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n", "GET /x\r\nX_Under: 1\r\n\r\n", "GET http://other.example/x",
	}},
	"php": {(*kitchen).php, []string{
		"GET /", "GET /index.php", "GET /?p=1", "GET /hello-world/", "GET /hello?x=1", "GET /admin", "GET /admin/", "GET /.env", "GET /uploads/x.php", "GET /style.css",
		"GET /none.css", "GET /none.php", "GET /none.php/x", "GET /favicon.ico", "GET /index.php?to=1", "GET /index.php/a/b", "GET /index.php/a.php/c", "GET /x.php%00.jpg",
		"HEAD /", "GET /\r\nProxy: evil\r\n\r\n", "POST /login.php\r\nContent-Length: 3\r\n\r\na=1", "POST /login.php/x?y\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	}},
	"websocket": {(*kitchen).http, []string{
		"GET /", "GET /x?y", "GET /api/", "GET /api/v1/x?y=1", "GET /api", "GET /moved", "GET /api/moved", "GET /api/cookies", "GET /points", "GET /protected/a.txt",
		"GET /ws\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "POST /x\r\nContent-Length: 5\r\n\r\nhello",
	}},
	"balancer": {(*kitchen).http, []string{
		"GET /", "GET /", "GET /long", "GET /long", "GET /cookies", "GET /cookies", "GET /fails/404", "GET /fails/500", "GET /fails/503", "GET /404.html", "GET /health",
		"GET /long\r\nAccept-Encoding: gzip\r\n\r\n", "HEAD /long", "POST /long\r\nContent-Length: 3\r\n\r\nabc", "HEAD /first", "GET /moved", "GET /long\r\nRange: bytes=0-4\r\n\r\n",
	}},
}

// TestRecipesAsNginx walks through each recipe with nginx and with this program: status, fields and bodies are the same.
func TestRecipesAsNginx(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("nginx is not installed")
	}
	for name, recipe := range recipes {
		t.Run(name, func(t *testing.T) {
			k := newKitchen(t)
			recipe.need(k)
			theirs, ours := k.serve(nginx, name), k.serve(binary, name)
			for _, walk := range recipe.walks {
				line, rest, more := strings.Cut(walk, "\r\n")
				request := line + " HTTP/1.1\r\nHost: example.com\r\n"
				if !strings.Contains(rest, "Upgrade") {
					request += "Connection: close\r\n"
				}
				if request += rest; !more {
					request += "\r\n"
				}
				if want, got := k.ask(theirs, request), k.ask(ours, request); got != want {
					t.Errorf("%q\n%s", walk, compare(want, got))
				}
			}
		})
	}
}

// compare shows the lines that only one of two answers has.
func compare(want, got string) string {
	var b strings.Builder
	for _, side := range []struct{ name, text, other string }{{"nginx", want, got}, {"here", got, want}} {
		for line := range strings.Lines(side.text) {
			if !strings.Contains(side.other, line) {
				fmt.Fprintf(&b, "%8s: %.200s\n", side.name, strings.TrimSpace(line))
			}
		}
	}
	return b.String()
}
