package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/cmd/examples/internal/appserver"
	"github.com/wheelpit/wheelpit/cmd/examples/internal/appserver/appservertest"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// hello tells what an application is told.
const hello = `def application(env, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    names = ('SCRIPT_NAME', 'PATH_INFO', 'REQUEST_URI', 'HTTP_HOST', 'SERVER_NAME', 'wsgi.url_scheme')
    return [('%s=%s\n' % (n, env.get(n))).encode() for n in names]
`

// documented are configurations of servers that documentation tells to write for NGINX, with DIR for the directory of the
// application.
var documented = []struct {
	name, text string
	paths      map[string]string // and a part of the answer
}{
	{"uWSGI: setting up Django and your web server", `
upstream django {
    server unix:///DIR/app.sock;
}
server {
    listen      PORT;
    server_name example.com;
    charset     utf-8;
    client_max_body_size 75M;
    location /media  {
        alias /DIR/media;
    }
    location /static {
        alias /DIR/static;
    }
    location / {
        uwsgi_pass  django;
        include     /DIR/uwsgi_params;
    }
}`, map[string]string{"/x?y": "REQUEST_URI=/x?y\n", "/media/m.txt": "in media", "/static/s.css": "in static", "/": "SERVER_NAME=example.com\n"}},
	{"uWSGI: a location", `
server {
    listen PORT;
    location / {
        include uwsgi_params;
        uwsgi_pass unix:///DIR/app.sock;
    }
}`, map[string]string{"/a%20b": "PATH_INFO=/a b\n", "/q": "wsgi.url_scheme=http\n"}},
	{"uWSGI: a cluster", `
upstream uwsgicluster {
    server unix:///DIR/app.sock;
    server unix:///DIR/none.sock backup;
}
server {
    listen PORT;
    location / {
        include uwsgi_params;
        uwsgi_pass uwsgi://uwsgicluster;
        uwsgi_modifier1 0;
        uwsgi_read_timeout 300;
        uwsgi_buffering off;
    }
}`, map[string]string{"/x": "PATH_INFO=/x\n"}},
	{"uWSGI: files from the disk first", `
server {
    listen PORT;
    root /DIR;
    location / { try_files $uri @yourapplication; }
    location @yourapplication {
        include uwsgi_params;
        uwsgi_pass unix:/DIR/app.sock;
    }
}`, map[string]string{"/static/s.css": "in static", "/x/y": "PATH_INFO=/x/y\n"}},
	{"uWSGI: an application under a path", `
server {
    listen PORT;
    location = /yourapplication { rewrite ^ /yourapplication/; }
    location /yourapplication { try_files $uri @yourapplication; }
    location @yourapplication {
        include uwsgi_params;
        uwsgi_param SCRIPT_NAME /yourapplication;
        uwsgi_pass unix:/DIR/app.sock;
    }
}`, map[string]string{"/yourapplication/x": "SCRIPT_NAME=/yourapplication\n", "/yourapplication": "REQUEST_URI=/yourapplication\n"}},
	{"Django: files by a regular expression", `
server {
    listen PORT;
    location ~ ^/static/(?<file>.*)$ { alias /DIR/static/$file; }
    location / {
        include uwsgi_params;
        uwsgi_pass unix:/DIR/app.sock;
        uwsgi_param Host $host;
        uwsgi_param X-Real-IP $remote_addr;
        uwsgi_param X-Forwarded-For $proxy_add_x_forwarded_for;
        uwsgi_param X-Forwarded-Proto $http_x_forwarded_proto;
    }
}`, map[string]string{"/static/s.css": "in static", "/x": "PATH_INFO=/x\n"}},
}

// TestDocumentedConfigurations runs what the documentation of uWSGI and of Django says to write for NGINX, with the program in the
// place of nginx.
func TestDocumentedConfigurations(t *testing.T) {
	uwsgi, err := appserver.Find(install, "uwsgi")
	appservertest.SkipMissing(t, err)
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // workers may be of another user
		t.Fatal(err)
	}
	program := filepath.Join(dir, "wheelpit")
	if out, err := exec.Command("go", "build", "-o", program, "../../wheelpit").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	params, err := os.ReadFile("uwsgi_params")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"test.py": hello, "uwsgi_params": string(params), "media/m.txt": "in media", "static/s.css": "in static"} {
		path := filepath.Join(dir, name)
		_ = os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	end, err := appserver.Start(t.Context(), dir, "app.sock", uwsgi, "--plugin", "python3", "--socket", "app.sock", "--chmod-socket=666", "--wsgi-file", "test.py", "--die-on-term")
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	for _, d := range documented {
		t.Run(d.name, func(t *testing.T) {
			addr := nginxtest.FreeAddr(t)
			_, port, _ := strings.Cut(addr, ":")
			text := strings.NewReplacer("/DIR/", dir+"/", "/DIR;", dir+";", "PORT", port).Replace(d.text)
			defer run(t, program, dir, addr, text)()
			for path, want := range d.paths {
				if p := appservertest.Visit(t, addr).Get(path); p.Status != http.StatusOK || !strings.Contains(p.Body, want) {
					t.Errorf("%s: %d %q, want %q", path, p.Status, p.Body, want)
				}
			}
		})
	}
}

// run runs the program with a configuration, as a service would, and waits until it answers.
func run(t *testing.T, program, dir, addr, text string) (end func()) {
	conf := fmt.Sprintf("pid %s/pid; error_log %s/error.log; events {} http { access_log off; types { text/css css; text/plain txt; } %s }", dir, dir, text)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "-t", "-c", file, "-p", dir).CombinedOutput(); err != nil || strings.Contains(string(out), "[warn]") {
		t.Fatalf("-t: %v\n%s", err, out)
	}
	c := exec.Command(program, "-c", file, "-p", dir, "-g", "daemon off;")
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for range 3000 {
		if resp, err := http.Get("http://" + addr + "/"); err == nil {
			resp.Body.Close()
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Logf("%s", log)
		}
	}
}
