//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// TestRealServersAreKilled kills one of three servers of the field with its processes, some times, under load.
func TestRealServersAreKilled(t *testing.T) {
	for name, setUp := range map[string]func(t *testing.T, g *gateway){"nginx": threeNginx, "uwsgi": threeUwsgi} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(name); err != nil {
				t.Skip(name + " is not installed")
			}
			g := newGateway(t, 0)
			setUp(t, g)
			g.configure("", "max_fails=2 fail_timeout=1s", "", strings.ReplaceAll(retry, "proxy_", map[string]string{"nginx": "proxy_", "uwsgi": "uwsgi_"}[name]))
			g.start()
			l := startLoad(t, g.addr, clients, false)
			for range 3 {
				l.reach(300)
				g.backends[1].kill()
				l.reach(300)
				g.backends[1].start()
			}
			l.reach(300)
			l.end().clean(t, 3*clients)
		})
	}
}

// threeNginx has each of the servers pass on to the same application.
func threeNginx(t *testing.T, g *gateway) {
	app := newBackend(t)
	for i := range 3 {
		addr, dir := nginxtest.FreeAddr(t), filepath.Join(g.dir, fmt.Sprint("nginx", i))
		conf := fmt.Sprintf(`pid nginx.pid; daemon off; error_log stderr crit;
events { }
http {
	access_log off;
	client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
	upstream app { server %s; keepalive 8; }
	server { listen %s; location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; } }
}
`, app.addr, addr)
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "nginx.conf")
		if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
			t.Fatal(err)
		}
		g.backends = append(g.backends, startBackend(t, addr, func() *exec.Cmd {
			return exec.Command("nginx", "-p", dir, "-c", file, "-e", "stderr")
		}))
	}
}

// sealing is the backend in Python.
const sealing = `import hashlib

def application(environ, start_response):
    target = environ['REQUEST_URI']
    size = int(environ['PATH_INFO'].split('/')[-1])
    block = 16 * 1024
    payload = b''.join((b'%015d' % at + b'\n' + b'0123456789abcde\n' * 1023)[:size - at] for at in range(0, size, block))
    digest = hashlib.sha256(b'%s 0 ' % target.encode() + payload).hexdigest().encode()
    headers = [('Content-Type', 'application/octet-stream')]
    if not target.startswith('/chunked/'):
        headers.append(('Content-Length', str(64 + size)))
    start_response('200 OK', headers)
    return [digest, payload]
`

func threeUwsgi(t *testing.T, g *gateway) {
	file := filepath.Join(g.dir, "sealing.py")
	if err := os.WriteFile(file, []byte(sealing), 0o644); err != nil {
		t.Fatal(err)
	}
	g.pass = "uwsgi_param REQUEST_METHOD $request_method; uwsgi_param REQUEST_URI $request_uri; uwsgi_param PATH_INFO $document_uri; uwsgi_param QUERY_STRING $query_string;\n" +
		"   uwsgi_param SERVER_NAME $server_name; uwsgi_param SERVER_PORT $server_port; uwsgi_param SERVER_PROTOCOL $server_protocol; uwsgi_pass app;"
	for range 3 {
		addr := nginxtest.FreeAddr(t)
		g.backends = append(g.backends, startBackend(t, addr, func() *exec.Cmd {
			return exec.Command("uwsgi", "--plugin", "python3", "--socket", addr, "--wsgi-file", file, "--processes", "2", "--master", "--die-on-term", "--logto", "/dev/null")
		}))
	}
}
