package front_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/front"
)

// meeting is an application whose requests wait until n of them are there.
type meeting struct {
	mu   sync.Mutex
	left int           // guarded by mu
	all  chan struct{} // closed when they are
}

func (m *meeting) handle(c *pipeline.Ctx) error {
	m.mu.Lock()
	if m.left--; m.left == 0 {
		close(m.all)
	}
	all := m.all
	m.mu.Unlock()
	select {
	case <-all:
		return c.Text(200, c.Path())
	case <-time.After(time.Minute):
		return c.Text(504, "alone")
	}
}

// await has the next n requests wait for each other.
func (m *meeting) await(n int) {
	m.mu.Lock()
	m.left, m.all = n, make(chan struct{})
	m.mu.Unlock()
}

// Included bodies of upstreams and of applications are made at the same time, and stand in their order; copies of mirror, too.
func TestAlong(t *testing.T) {
	var m meeting
	app := pipeline.New()
	app.Mount("/", m.handle)
	front.RegisterApp("meeting", app)
	addr, dir := serve(t, `log_subrequest on; log_format f "$uri $status $bytes_sent"; access_log %DIR%/access.log f; server {
		listen 127.0.0.1:%PORT%; root %DIR%;
		location / { ssi on; ssi_types *; }
		location /app/ { app meeting; }
		location /up/ { proxy_pass http://127.0.0.1:%PORT%/app/; }
		location = /mirrored { mirror /up/m1; mirror /app/m2; mirror /up/m3; empty_gif; }
	}`)
	include := func(list ...string) (page string) {
		for _, path := range list {
			page += fmt.Sprintf(`<!--#include virtual="%s" -->,`, path)
		}
		return page
	}
	for name, text := range map[string]string{
		"flat.html":   include("/up/1", "/app/2", "/up/3"),
		"nested.html": include("/inner.html", "/up/3") + "<!--#set var=\"x\" value=\"late\" -->", "inner.html": include("/app/1", "/up/2"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		for page, want := range map[string]string{"/flat.html": "/app/1,/app/2,/app/3,", "/nested.html": "/app/1,/app/2,,/app/3,"} {
			m.await(3)
			if answer := raw(t, addr, "GET "+page+" HTTP/1.0\r\nHost: a\r\n\r\n"); !strings.HasSuffix(answer, "\r\n\r\n"+want) {
				t.Errorf("%s: %q", page, answer)
			}
		}
		m.await(3)
		if answer := raw(t, addr, "GET /mirrored HTTP/1.0\r\nHost: a\r\n\r\n"); !strings.Contains(answer, " 200 OK\r\n") {
			t.Errorf("mirrored: %q", answer)
		}
		select {
		case <-m.all:
		case <-time.After(time.Minute):
			t.Fatal("the copies wait for each other")
		}
	}
}

// Requests within a request that go on at a time share what their main request keeps: its identifier, and the cookie of its client.
func TestAlongShares(t *testing.T) {
	var m meeting
	app := pipeline.New()
	app.Mount("/", func(c *pipeline.Ctx) error {
		if err := m.handle(c); err != nil || c.Res().Status != 200 {
			return err
		}
		return c.Text(200, c.Header("X-Shared")+"\n")
	})
	front.RegisterApp("sharing", app)
	addr, dir := serve(t, `server {
		listen 127.0.0.1:%PORT%; root %DIR%;
		location / { ssi on; }
		location /app/ { app sharing; }
		location /up/ { userid on; proxy_pass http://127.0.0.1:%PORT%/app/; proxy_set_header X-Shared "$request_id $uid_set $remote_addr"; }
	}`)
	const each = 4
	page := strings.Repeat(`<!--#include virtual="/up/" -->`, each) + `<!--#echo var="request_id" -->`
	if err := os.WriteFile(filepath.Join(dir, "page.html"), []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		m.await(each)
		_, body, _ := strings.Cut(raw(t, addr, "GET /page.html HTTP/1.0\r\nHost: a\r\n\r\n"), "\r\n\r\n")
		lines := strings.Split(body, "\n")
		if first := lines[0]; len(lines) != each+1 || !strings.Contains(first, " uid=") || strings.Count(body, first+"\n") != each ||
			!strings.HasPrefix(first, lines[each]+" ") {
			t.Fatalf("the parts of one page: %q", body)
		}
	}
}
