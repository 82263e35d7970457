//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/master"
)

// backend accepts connections, tells of each, and never answers.
func backend(t *testing.T) (addr string, arrived <-chan struct{}) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	list := make(chan struct{}, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
			list <- struct{}{}
		}
	}()
	return l.Addr().String(), list
}

// limited writes a configuration with limits, whose requests to /hold are held by a backend.
func (d *daemon) limited(main, zones, backend string) {
	d.t.Helper()
	conf := fmt.Sprintf("pid nginx.pid; error_log error.log; %s events { } http { access_log off; %s\nserver { listen %s; "+
		"location /rate { limit_req zone=rate burst=4 nodelay; empty_gif; } "+
		"location /hold { limit_conn held 2; proxy_pass http://%s; } } }\n", main, zones, d.addr, backend)
	if err := os.WriteFile(filepath.Join(d.dir, "nginx.conf"), []byte(conf), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// asks sends so many requests, each on a connection of its own, and returns how many were taken.
func (d *daemon) asks(n int) (taken int) {
	d.t.Helper()
	for range n {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		if status, _ := fetch(d.t, "http://"+d.addr+"/rate"); status == 200 {
			taken++
		}
	}
	return taken
}

// hold sends a request that the backend holds, and tells whether it got there, or was refused.
func (d *daemon) hold(arrived <-chan struct{}) bool {
	d.t.Helper()
	c, err := net.Dial("tcp", d.addr)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = c.Close() })
	_, _ = io.WriteString(c, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
	refused := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(c).ReadString('\n')
		refused <- line
	}()
	select {
	case <-arrived:
		return true
	case line := <-refused:
		if !strings.Contains(line, " 503 ") {
			d.t.Errorf("the answer is %q", line)
		}
	case <-time.After(time.Minute):
		d.t.Error("a request is neither refused nor passed on")
	}
	return false
}

// until waits for a state of the server.
func (d *daemon) until(so func(master.State) bool) master.State {
	d.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if s := d.state(); so(s) {
			return s
		} else if time.Now().After(end) {
			d.t.Fatalf("waited in vain: %+v", s)
		}
	}
}

const limitZones = "limit_req_zone $server_addr zone=rate:64k rate=1r/m; limit_conn_zone $server_addr zone=held:64k;"

// TestLimitsOfServer: the limits are those of the server, however many workers it has, and go on over reloads.
func TestLimitsOfServer(t *testing.T) {
	for name, main := range map[string]string{"workers": "worker_processes 2 elastic=1000000r/s max=2;", "single": "master_process off;"} {
		t.Run(name, func(t *testing.T) {
			addr, _ := backend(t)
			d := newDaemon(t)
			d.limited(main, limitZones, addr)
			d.start()
			if n := d.asks(12); n != 5 {
				t.Errorf("%d requests were taken, want 5", n)
			}
			if out, code, _ := d.verb("reload", "--wait"); code != 0 {
				t.Fatal(out)
			}
			if n := d.asks(4); n != 0 {
				t.Errorf("after a reload, %d requests were taken", n)
			}
			d.limited(main, strings.Replace(limitZones, "server_addr", "host", 1), addr)
			want := `limit_req "rate" uses the "$host" key while previously it used the "$server_addr" key`
			if out, code, _ := d.verb("reload", "--wait"); code != 1 || !strings.Contains(out, want) {
				t.Errorf("another key: %q, %d", out, code)
			}
			if n := d.asks(4); n != 0 {
				t.Errorf("after a reload that was refused, %d requests were taken", n)
			}
			d.limited(main, strings.Replace(limitZones, "64k", "128k", 1), addr)
			if out, code, _ := d.verb("reload", "--wait"); code != 0 {
				t.Fatal(out)
			}
			if n := d.asks(12); n != 5 {
				t.Errorf("with a zone of another size, %d requests were taken, want 5", n)
			}
		})
	}
}

// TestLimitConnOfKilled: requests in progress count for all workers, of all configurations, until they end or their worker does.
func TestLimitConnOfKilled(t *testing.T) {
	addr, arrived := backend(t)
	d := newDaemon(t)
	d.limited("worker_processes 2 elastic=1000000r/s max=2;", limitZones, addr)
	d.start()
	old := d.until(func(s master.State) bool { return len(s.Workers) == 2 }).Workers
	for _, want := range []bool{true, true, false, false, false} {
		if got := d.hold(arrived); got != want {
			t.Errorf("passed on: %v, want %v", got, want)
		}
	}
	if out, code, _ := d.verb("reload"); code != 0 {
		t.Fatal(out)
	}
	d.until(func(s master.State) bool { return s.Attempts == 1 && !s.Reloading })
	for range 4 {
		if d.hold(arrived) {
			t.Error("the requests that old workers have are not counted")
		}
	}
	for _, pid := range old {
		_ = syscall.Kill(pid, syscall.SIGKILL) // one that had no request has ended
	}
	d.until(func(s master.State) bool { return len(s.Retiring) == 0 })
	for i, want := range []bool{true, true, false} {
		if got := d.hold(arrived); got != want {
			t.Errorf("request %d after the end of the old workers: passed on %v, want %v", i, got, want)
		}
	}
}
