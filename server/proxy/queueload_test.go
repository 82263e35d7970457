package proxy_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// slowGateway is a gateway to one server that takes one request at a time and answers when ready says, or a client has left.
func slowGateway(t *testing.T, ready func() <-chan time.Time, places int, timeout time.Duration) (url string, most *atomic.Int32, g *upstream.Group) {
	t.Helper()
	most = new(atomic.Int32)
	var active atomic.Int32
	b := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := active.Add(1); n > most.Load() {
			most.Store(n)
		}
		select {
		case <-ready():
		case <-r.Context().Done():
		}
		active.Add(-1)
		fmt.Fprint(w, "done")
	}))
	t.Cleanup(b.Close)
	g, err := upstream.New(upstream.Config{Name: "backend", Queue: places, QueueTimeout: timeout,
		Servers: []upstream.ServerConfig{{Address: b.Listener.Addr().String(), MaxConns: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	keep := proxy.KeepAlive{Max: 8, Requests: 1000, Time: time.Hour, Timeout: time.Minute}
	h, err := proxy.New(proxy.Config{Upstream: proxy.NewUpstream("backend", "backend", g, keep)})
	if err != nil {
		t.Fatal(err)
	}
	app := pipeline.New()
	app.Path("<path:rest>", h.Serve, pipeline.Inline)
	s, err := server.New(server.Config{Listen: []string{"127.0.0.1:0"}, App: app, Reactors: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	givesBack(t)
	t.Cleanup(func() { _ = s.Shutdown(context.Background()) })
	return "http://" + s.Addrs()[0] + "/x", most, g
}

// after is ready some time after a request.
func after(d time.Duration) func() <-chan time.Time {
	return func() <-chan time.Time { return time.After(d) }
}

// many sends n requests at once and counts the statuses.
func many(url string, n int, client *http.Client) map[int]int {
	var mu sync.Mutex
	var all sync.WaitGroup
	got := map[int]int{}
	for range n {
		all.Go(func() {
			status := 0
			if r, err := client.Get(url); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				_ = r.Body.Close()
				status = r.StatusCode
			}
			mu.Lock()
			got[status]++
			mu.Unlock()
		})
	}
	all.Wait()
	return got
}

func TestQueueServesAll(t *testing.T) {
	url, most, g := slowGateway(t, after(5*time.Millisecond), 100, time.Minute)
	got := many(url, 40, http.DefaultClient)
	if got[200] != 40 || most.Load() != 1 {
		t.Errorf("statuses %v, %d at once", got, most.Load())
	}
	if p := g.Snapshot(0).Peers[0]; p.Active != 0 {
		t.Errorf("%d requests are still counted", p.Active)
	}
}

func TestQueueOverflowsAndTimesOut(t *testing.T) {
	t.Parallel()
	release := make(chan time.Time)
	url, most, g := slowGateway(t, func() <-chan time.Time { return release }, 2, time.Second)
	first := make(chan map[int]int, 1)
	go func() { first <- many(url, 1, http.DefaultClient) }()
	for end := time.Now().Add(time.Minute); most.Load() == 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	began := time.Now()
	if got := many(url, 4, http.DefaultClient); got[502] != 4 {
		t.Errorf("statuses %v", got)
	}
	if took := time.Since(began); took < 900*time.Millisecond {
		t.Errorf("nobody waited: all were refused after %v", took)
	}
	close(release)
	if got := <-first; got[200] != 1 {
		t.Errorf("the one that was served: %v", got)
	}
	if r := many(url, 1, http.DefaultClient); r[200] != 1 {
		t.Errorf("afterwards %v", r)
	}
	if s := g.Snapshot(0); s.Peers[0].Active != 0 || s.Queued != 0 {
		t.Errorf("left behind: %+v", s)
	}
}

// Clients that leave while their requests wait leave the queue, too, and whoever is behind them is served.
func TestQueueForgetsWhoLeaves(t *testing.T) {
	url, _, g := slowGateway(t, after(30*time.Millisecond), 100, time.Minute)
	hasty := &http.Client{Timeout: 20 * time.Millisecond, Transport: &http.Transport{}}
	for range 5 {
		var both sync.WaitGroup
		both.Go(func() { many(url, 20, hasty) })
		both.Go(func() {
			if got := many(url, 3, http.DefaultClient); got[200] != 3 {
				t.Errorf("statuses %v", got)
			}
		})
		both.Wait()
	}
	deadline := time.Now().Add(time.Minute)
	for s := g.Snapshot(0); s.Peers[0].Active != 0 || s.Queued != 0; s = g.Snapshot(0) {
		if time.Now().After(deadline) {
			t.Fatalf("left behind: %+v", s)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
