package front_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/front"
)

// succeed is build for a configuration that takes the place of another, as a process without a master has it.
func succeed(dir string, old *front.Plan) (*front.Plan, error) {
	file := filepath.Join(dir, "nginx.conf")
	cfg, errs := conf.Load(file, conf.Options{Serving: true})
	if errs.Failed() {
		return nil, errs
	}
	plan, err := front.Build(cfg, front.Options{Prefix: dir})
	if err != nil {
		return nil, err
	}
	plan.Server.Reactors = 1
	plan.Runtime.Adopt(old.Runtime)
	return plan, plan.Runtime.Open(errlog.Writer(io.Discard, errlog.Error))
}

// TestReloadUnderProxiedLoad sends 10,000 requests through a gateway whose configuration is read again every 100 ms: each is answered, by
// its own answer, and connections to the backend do not pile up with the configurations that were.
func TestReloadUnderProxiedLoad(t *testing.T) {
	requests, clients := 10000, 8
	if testing.Short() {
		requests = 1000
	}
	var open, most atomic.Int32
	long := strings.Repeat("0123456789abcdef", 8<<10)
	backend := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		fmt.Fprint(w, r.URL.Path, string(b))
		if strings.HasSuffix(r.URL.Path, "7") {
			_, _ = io.WriteString(w, long)
		}
	}))
	backend.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			if n := open.Add(1); n > most.Load() {
				most.Store(n)
			}
		case http.StateClosed:
			open.Add(-1)
		}
	}
	backend.Start()
	defer backend.Close()
	dir, port := t.TempDir(), ports(t, 1)
	text := "upstream b { server " + backend.Listener.Addr().String() + "; keepalive 16; }\n" +
		"server { listen 127.0.0.1:" + port[0] + "; location / { proxy_pass http://b; proxy_http_version 1.1; proxy_set_header Connection \"\"; } }"
	plan, err := build(t, dir, text)
	if err != nil {
		t.Fatal(err)
	}
	s := serving(t, plan)
	served := plan
	stop, reloads := make(chan struct{}), 0
	var reloader sync.WaitGroup
	reloader.Add(1)
	go func() {
		defer reloader.Done()
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			next, err := succeed(dir, served)
			if err == nil {
				served = next
				err = s.Reload(next.Server)
			}
			if err != nil {
				t.Error(err)
				return
			}
			reloads++
		}
	}()
	var all sync.WaitGroup
	for i := range clients {
		all.Add(1)
		go func() {
			defer all.Done()
			conn, err := net.Dial("tcp", "127.0.0.1:"+port[0])
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = conn.Close() }()
			r := bufio.NewReader(conn)
			for k := range requests / clients {
				path := fmt.Sprintf("/%d-%d", i, k)
				want := path
				if k%3 == 0 {
					_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody", path)
					want += "body"
				} else {
					_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path)
				}
				if strings.HasSuffix(path, "7") {
					want += long
				}
				res, err := http.ReadResponse(r, nil)
				if err != nil {
					t.Errorf("%s: %v", path, err)
					return
				}
				if b, err := io.ReadAll(res.Body); err != nil || string(b) != want || res.StatusCode != 200 {
					t.Errorf("%s: %d, %d bytes of %d, %v", path, res.StatusCode, len(b), len(want), err)
					return
				}
				if res.Close { // keepalive_requests
					_ = conn.Close()
					if conn, err = net.Dial("tcp", "127.0.0.1:"+port[0]); err != nil {
						t.Error(err)
						return
					}
					r.Reset(conn)
				}
				if k%50 == 0 {
					time.Sleep(20 * time.Millisecond) // long enough for many configurations
				}
			}
		}()
	}
	all.Wait()
	close(stop)
	reloader.Wait()
	t.Logf("%d requests, %d reloads, at most %d connections to the backend", requests, reloads, most.Load())
	if n := most.Load(); int(n) > 3*clients && reloads > 5 {
		t.Errorf("%d connections to the backend for %d clients", n, clients)
	}
}
