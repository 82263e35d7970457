package front_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/front"
)

// explainConf has a mark in every block: X-Line, the name of the block. PORT is replaced.
const explainConf = `events { }
http {
    access_log off;
    upstream group { server 127.0.0.1:1 weight=2; server unix:/none backup; }
    server {
        listen 127.0.0.1:PORT default_server;
        server_name one.test *.one.test;
        root DIR;
        error_page 404 /missing.html;
        add_header X-Line one-server always;
        location / { add_header X-Line one-root always; try_files $uri $uri/ @back; }
        location = /exact { add_header X-Line one-exact always; return 200 exact; }
        location /exact { add_header X-Line one-prefix always; return 200 prefix; }
        location ^~ /raw/ { add_header X-Line one-raw always; return 200 raw; }
        location ~ \.php$ { add_header X-Line one-php always; return 200 php; }
        location ~* \.(GIF|png)$ { add_header X-Line one-image always; return 200 image; }
        location /deep/ {
            add_header X-Line one-deep always;
            location /deep/er/ { add_header X-Line one-deeper always; return 200 deeper; }
            location ~ x$ { add_header X-Line one-deep-x always; return 200 x; }
            return 200 deep;
        }
        location /move/ { add_header X-Line one-move always; rewrite ^/move/(.*)$ /exact?from=$1 last; }
        location /stay/ { add_header X-Line one-stay always; rewrite ^ /a.txt break; }
        location /if/ {
            add_header X-Line one-if always;
            set $kind plain;
            if ($arg_special) { set $kind special; add_header X-Line one-if-special always; return 200 $kind; }
            return 200 $kind;
        }
        location /cycle/ { add_header X-Line one-cycle always; rewrite ^ /cycle/x last; }
        location /gone { add_header X-Line one-gone always; return 301 /exact; }
        location @back { add_header X-Line one-back always; return 404; }
        location = /missing.html { add_header X-Line one-missing always; internal; return 200 missing; }
        location /up/ { add_header X-Line one-up always; proxy_pass http://group/; }
        location /dir/ { add_header X-Line one-dir always; }
        location /list/ { add_header X-Line one-list always; autoindex on; allow 127.0.0.1; deny all; }
    }
    server {
        listen 127.0.0.1:PORT;
        server_name two.test ~^(?<sub>\w+)\.test$ www.*;
        add_header X-Line two-server always;
        rewrite ^/old/(.*)$ /new/$1;
        location / { add_header X-Line two-root always; return 200 $sub; }
        location /new/ { add_header X-Line two-new always; return 200 $uri; }
    }
}
`

// site writes the configuration and the files it serves.
func explainSite(t *testing.T, port string) (file, dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"a.txt", "dir/index.html", "list/b.txt"} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("file"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file = filepath.Join(dir, "nginx.conf")
	text := strings.NewReplacer("PORT", port, "DIR", dir).Replace(explainConf)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file, dir
}

func explainPlan(t *testing.T, file string, explain bool) *front.Plan {
	t.Helper()
	cfg, errs := conf.Load(file, conf.Options{Serving: true})
	if errs.Failed() {
		t.Fatal(errs)
	}
	plan, err := front.Build(cfg, front.Options{Prefix: filepath.Dir(file), Explain: explain})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// explained are requests: host and target.
var explained = [][2]string{
	{"one.test", "/"}, {"one.test", "/a.txt"}, {"one.test", "/none"}, {"one.test", "/exact"}, {"one.test", "/exactly"},
	{"one.test", "/exact.php"}, {"one.test", "/raw/x.php"}, {"one.test", "/x.php"}, {"one.test", "/x.gif"}, {"one.test", "/x.PNG?a=b"},
	{"one.test", "/deep/"}, {"one.test", "/deep/er/"}, {"one.test", "/deep/er/y.php"}, {"one.test", "/deep/x"}, {"one.test", "/deep/er/x"},
	{"one.test", "/move/here"}, {"one.test", "/stay/y"}, {"one.test", "/if/"}, {"one.test", "/if/?special=1"}, {"one.test", "/cycle/"},
	{"one.test", "/gone"}, {"one.test", "/up"}, {"one.test", "/up?a"}, {"one.test", "/missing.html"}, {"one.test", "/dir/"}, {"one.test", "/dir"}, {"one.test", "/list/"},
	{"one.test", "/list/none"}, {"one.test", "//a.txt"}, {"one.test", "/x/../a.txt"}, {"one.test", "/%61.txt"},
	{"a.one.test", "/exact"}, {"ONE.test:80", "/exact"}, {"two.test", "/"}, {"sub.test", "/"}, {"www.x", "/"}, {"unknown", "/exact"},
	{"two.test", "/old/x"}, {"two.test", "/old/x?y"}, {"sub.test.", "/"},
}

// TestExplainAgreesWithServing asks a server, and compares its answer with what is explained.
func TestExplainAgreesWithServing(t *testing.T) {
	port := ports(t, 1)[0]
	file, _ := explainSite(t, port)
	s, err := server.New(explainPlan(t, file, false).Server)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Shutdown(context.Background()) }()
	plan := explainPlan(t, file, true)
	for _, method := range []string{"HEAD", "POST", "OPTIONS", "DELETE"} {
		for _, target := range []string{"/a.txt", "/none", "/dir/", "/list/", "/list/none", "/exact", "/"} {
			status, _, _ := ask(t, "127.0.0.1:"+port, method, "one.test", target)
			x, err := plan.Explain(front.Query{Method: method, URL: target, Fields: []string{"Host: one.test"}})
			if err != nil || x.Status != status && (x.Status != 0 || status != 200) {
				t.Errorf("%s %s: explained with %d, %v, served with %d", method, target, x.Status, err, status)
			}
		}
	}
	for _, q := range append(explained, randomQueries(400)...) {
		status, line, location := ask(t, "127.0.0.1:"+port, "GET", q[0], q[1])
		x, err := plan.Explain(front.Query{URL: q[1], Fields: []string{"Host: " + q[0]}})
		if err != nil {
			if !strings.Contains(err.Error(), fmt.Sprintf("refused with %d", status)) {
				t.Errorf("%v: %v, served with %d", q, err, status)
			}
			continue
		}
		if got := markOf(t, file, x); got != line {
			t.Errorf("%v: explained as %s, served by %s", q, got, line)
		}
		want := x.Status
		if want == 0 {
			want = 200
		}
		if want != status {
			t.Errorf("%v: explained with %d, served with %d", q, want, status)
		}
		if location != "" && !strings.HasSuffix(location, x.Redirect) {
			t.Errorf("%v: explained as a redirect to %q, served to %q", q, x.Redirect, location)
		}
		for _, s := range x.Steps {
			if n := chosenOf(s.Candidates); len(s.Candidates) > 0 && n != 1 && s.Text != "none, the server itself answers" {
				t.Errorf("%v: %s has %d chosen candidates: %+v", q, s.Kind, n, s)
			}
		}
	}
}

// randomQueries are targets of pieces that the configuration knows, always the same ones.
func randomQueries(n int) (list [][2]string) {
	r := rand.New(rand.NewPCG(1, 2))
	hosts := []string{"one.test", "x.one.test", "two.test", "other.test", "www.any", "none"}
	pieces := []string{"/", "/", "exact", "raw", "deep", "er", "x", "y", ".php", ".gif", ".PNG", "move", "stay", "if", "dir", "list", "a.txt", "old", "new", "..", "%2e", "cycle", "gone"}
	for range n {
		target := "/"
		for range r.IntN(6) {
			target += pieces[r.IntN(len(pieces))]
		}
		if r.IntN(4) == 0 {
			target += "?special=" + pieces[r.IntN(len(pieces))]
		}
		list = append(list, [2]string{hosts[r.IntN(len(hosts))], target})
	}
	return list
}

func chosenOf(list []front.Candidate) (n int) {
	for _, c := range list {
		if c.Chosen {
			n++
		}
	}
	return n
}

// askRaw sends a target as it is.
func askRaw(t *testing.T, addr, host, target string) { _, _, _ = ask(t, addr, "GET", host, target) }

func ask(t *testing.T, addr, method, host, target string) (status int, line, location string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	_, _ = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", method, target, host)
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s%s: %v", host, target, err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode, res.Header.Get("X-Line"), res.Header.Get("Location")
}

// markOf finds the mark of the block that an explanation ends in, by its line; that of an if comes with the directives in
// effect.
func markOf(t *testing.T, file string, x *front.Explanation) string {
	t.Helper()
	for _, p := range x.Runs {
		for _, d := range p.Directives {
			if mark, ok := strings.CutPrefix(d.Text, "add_header X-Line "); ok {
				return strings.TrimSuffix(mark, " always")
			}
		}
	}
	t.Errorf("no mark in %+v of %s", x.Runs, file)
	return ""
}

// TestExplainSteps: what is told is in the order of the decisions.
func TestExplainSteps(t *testing.T) {
	file, dir := explainSite(t, "8080")
	plan := explainPlan(t, file, true)
	for _, c := range []struct {
		q    front.Query
		want []string
	}{
		{front.Query{URL: "http://a.one.test:8080/move/x"}, []string{
			"listen 127.0.0.1:8080", "server server one.test *.one.test", "location location /move/", "rewrite rewrite ^/move/(.*)$ /exact?from=$1 last -> /exact?from=x",
			"location location = /exact", "return return 200 exact",
		}},
		{front.Query{URL: "/if/?special=y", Fields: []string{"Host: one.test"}}, []string{
			"listen 127.0.0.1:8080", "server server one.test *.one.test", "location location /if/", `set set $kind plain -> "plain"`,
			"if if ($arg_special) -> true", `set set $kind special -> "special"`, "return return 200 $kind",
		}},
		{front.Query{URL: "/none", Fields: []string{"Host: one.test"}}, []string{
			"listen 127.0.0.1:8080", "server server one.test *.one.test", "location location /", "try_files try_files $uri $uri/ @back -> none exists: location @back",
			"return return 404", "error_page status 404 -> /missing.html", "location location = /missing.html", "return return 200 missing",
		}},
		{front.Query{URL: "/dir/", Fields: []string{"Host: one.test"}}, []string{
			"listen 127.0.0.1:8080", "server server one.test *.one.test", "location location /dir/", "index index -> /dir/index.html", "location location /dir/",
		}},
		{front.Query{URL: "/list/", Fields: []string{"Host: one.test"}, Method: "HEAD"}, []string{
			"listen 127.0.0.1:8080", "server server one.test *.one.test", "location location /list/",
		}},
	} {
		x, err := plan.Explain(c.q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range x.Steps {
			got = append(got, s.Kind+" "+s.Text)
		}
		if a, b := strings.Join(got, "\n"), strings.Join(c.want, "\n"); a != b {
			t.Errorf("%s\n%s\nwant\n%s", c.q.URL, a, b)
		}
	}
	x, _ := plan.Explain(front.Query{URL: "http://one.test:8080/list/b.txt"})
	if x.Content != "static file" || x.File != dir+"/list/b.txt" || x.Location.At.Line == 0 {
		t.Errorf("%+v", x)
	}
	for url, want := range map[string]string{
		"/gone": "redirect", "/exact": "fixed answer", "/none": "error page", "/dir": "redirect", "/list/": "autoindex", "/list/none": "error page",
	} {
		y, err := plan.Explain(front.Query{URL: url, Fields: []string{"Host: one.test"}})
		if err != nil || y.Content != want {
			t.Errorf("%s: %q, want %q, %v", url, y.Content, want, err)
		}
	}
	y, err := plan.Explain(front.Query{URL: "http://one.test:8080/up/x"})
	if err != nil || y.Content != "proxy_pass http://group/" || strings.Join(y.Peers, "|") != "127.0.0.1:1 weight=2|unix:/none backup" {
		t.Errorf("%+v, %v", y, err)
	}
	var names []string
	for _, p := range x.Runs {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, ","); got != "access,content,filters,errors" {
		t.Errorf("phases %s: %+v", got, x.Runs)
	}
}

// TestExplainMethods: limit_except and dav_methods depend on the method.
func TestExplainMethods(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nginx.conf")
	text := "events { }\nhttp { server { listen 8080; dav_methods PUT delete;\nlocation /ro/ { limit_except GET { deny all; } } } }"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	plan := explainPlan(t, file, true)
	x, err := plan.Explain(front.Query{Method: "PUT", URL: "/ro/x"})
	if err != nil || x.Location.Text != "location /ro/" || x.Content != "dav_methods put delete" || x.Runs[0].Directives[0].Text != "deny all" {
		t.Errorf("%+v, %v", x, err)
	}
	if last := x.Steps[len(x.Steps)-1]; last.Kind != "limit_except" || last.Text != "limit_except GET -> its block holds for PUT" {
		t.Errorf("%+v", x.Steps)
	}
	x, err = plan.Explain(front.Query{URL: "/ro/x"})
	if err != nil || x.Content != "error page" || len(x.Runs) != 0 {
		t.Errorf("%+v, %v", x, err)
	}
}

func TestExplainErrors(t *testing.T) {
	file, _ := explainSite(t, "8080")
	plan := explainPlan(t, file, true)
	for _, c := range []struct {
		q    front.Query
		want string
	}{
		{front.Query{URL: "http://one.test:81/"}, "nothing listens on one.test:81"},
		{front.Query{URL: "http://192.0.2.1:8080/"}, "nothing listens"},
		{front.Query{URL: "ftp://x/"}, "is no URL"},
		{front.Query{URL: "/", Fields: []string{"nonsense"}}, "no header field"},
		{front.Query{URL: "/ b"}, "refused with 400"},
		{front.Query{URL: "/%00"}, "refused with 400"},
		{front.Query{URL: "/", To: "unix:/none"}, "nothing listens on unix:/none"},
	} {
		if _, err := plan.Explain(c.q); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.q, err)
		}
	}
	if _, err := explainPlan(t, file, false).Explain(front.Query{URL: "/"}); err == nil {
		t.Error("a plan that was built to serve explains")
	}
}

// TestRoutes lists locations, nested ones and those of an application.
func TestRoutes(t *testing.T) {
	app := pipeline.New()
	app.Get("/hello/{name}", func(c *pipeline.Ctx) error { return c.Text(200, "hello") }, pipeline.Inline, pipeline.Name("hello"))
	front.RegisterApp("routes-test", app)
	file := filepath.Join(t.TempDir(), "nginx.conf")
	text := "events { }\nhttp { server { listen 8080; server_name a b; location / { location /in/ { alias /x/; } }\nlocation /app/ { app routes-test; } location /hello/ { app routes-test; } } }"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range explainPlan(t, file, false).Routes() {
		got = append(got, fmt.Sprintf("%v%v %d %s | %s | %s :%d", l.Listen, l.Server, l.Depth, l.Location, l.Content, l.Name, l.At.Line))
	}
	root := filepath.Dir(file) + "/html"
	want := []string{
		"[0.0.0.0:8080][a b] 0 (server) | static files, root " + root + " |  :2", "[][] 0 location / | static files, root " + root + " |  :2",
		"[][] 1 location /in/ | static files, alias /x/ |  :2", "[][] 0 location /app/ | app routes-test |  :3",
		"[][] 1 GET /hello/{name} | inline | hello :3", "[][] 0 location /hello/ | app routes-test |  :3", "[][] 1 GET /hello/{name} | inline | hello :3",
	}
	if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
		t.Errorf("%s\nwant\n%s", a, b)
	}
	x, err := explainPlan(t, file, true).Explain(front.Query{URL: "/app/x"})
	if err != nil || x.Content != "app routes-test" || !strings.HasPrefix(x.App, "no route") {
		t.Errorf("%+v, %v", x, err)
	}
	x, err = explainPlan(t, file, true).Explain(front.Query{URL: "/hello/you"})
	if err != nil || !strings.HasPrefix(x.App, "GET /hello/{name}\n") || !strings.Contains(x.App, "handler    (reactor)") {
		t.Errorf("%+v, %v", x, err)
	}
}
