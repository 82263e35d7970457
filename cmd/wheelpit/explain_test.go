package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/front"
)

const explainedConf = `events { }
http {
    server {
        listen 8080;
        server_name a.test;
        location / { root /srv; }
        location ~ \.php$ {
            rewrite ^/(.*)\.php$ /new/$1 last;
        }
        location ^~ /new/ { return 200 new; }
    }
    server { listen 8080; server_name b.test; }
}
`

func TestExplainText(t *testing.T) {
	file := fmtFile(t, "nginx.conf", explainedConf)
	out, log, code := command(t, "", "explain", "http://a.test:8080/x.php?y", "-c", file)
	out = strings.ReplaceAll(out, file, "FILE")
	for _, part := range []string{
		"GET /x.php?y (host a.test:8080)\n  listen: 0.0.0.0:8080  [FILE:4]\n      accepts for every address\n  server: a.test  [FILE:3]\n",
		"  location: ~ \\.php$  [FILE:7]\n      location / - the longest prefix  [FILE:6]\n    * location ~ \\.php$ - the first expression that matches  [FILE:7]\n",
		"  rewrite ^/(.*)\\.php$ /new/$1 last -> /new/x?y  [FILE:8]\n",
		"answer: fixed answer, status 200\n  URI: /new/x?y\n",
	} {
		if !strings.Contains(out, part) {
			t.Errorf("%q is missing in\n%s", part, out)
		}
	}
	if log != "" || code != 0 {
		t.Errorf("%q, %d", log, code)
	}
}

func TestExplainJSON(t *testing.T) {
	file := fmtFile(t, "nginx.conf", "events { }\nhttp { server { listen 8080; root /srv; location / { index none; } } }\n")
	out, _, code := command(t, "", "explain", "/a.txt", "-c", file, "--json", "-X", "HEAD", "-H", "Host: x")
	var x front.Explanation
	if err := json.Unmarshal([]byte(out), &x); err != nil || code != 0 {
		t.Fatalf("%v, %d\n%s", err, code, out)
	}
	if x.Method != "HEAD" || x.Host != "x" || x.Location.At != (front.At{File: file, Line: 2}) || x.Status != 404 {
		t.Errorf("%+v", x)
	}
}

func TestExplainFails(t *testing.T) {
	file := fmtFile(t, "nginx.conf", "events { }\nhttp { server { listen 8080; location / { nonsense; } } }\n")
	if _, log, code := command(t, "", "explain", "/", "-c", file); code != 1 || !strings.Contains(log, `unknown directive "nonsense"`) {
		t.Errorf("%q, %d", log, code)
	}
	if _, _, code := command(t, "", "explain"); code != exitUsage {
		t.Errorf("without a URL: %d", code)
	}
	if _, _, code := command(t, "", "explain", "/", "--from", "x"); code != exitUsage {
		t.Errorf("--from x: %d", code)
	}
}

func TestRoutesTable(t *testing.T) {
	file := fmtFile(t, "nginx.conf", "events { }\nhttp { server { listen 8080; server_name a b;\nlocation /x/ { return 204; } } }\n")
	out, log, code := command(t, "", "routes", "-c", file)
	out = strings.ReplaceAll(out, file, "FILE")
	want := []string{"a b on 0.0.0.0:8080", "static files, root /usr/share/nginx/html", "FILE:2", "location /x/", "return 204", "FILE:3"}
	if got := strings.Fields(strings.ReplaceAll(out, "  ", "\n")); strings.Join(got, " ") != strings.Join(strings.Fields(strings.Join(want, " ")), " ") || log != "" || code != 0 {
		t.Errorf("%s%s%d", out, log, code)
	}
	if out, _, _ := command(t, "", "routes", "-c", file, "--json"); !json.Valid([]byte(out)) {
		t.Errorf("no JSON: %s", out)
	}
}
