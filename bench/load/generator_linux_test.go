package load

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The server of these tests is in the process of the generator, whose waits hold a processor of Go's for up to 10 ms each: a second one
// is needed, whatever the machine has.
func TestMain(m *testing.M) {
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))
	os.Exit(m.Run())
}

// content is larger than one read of the generator.
var content = bytes.Repeat([]byte("0123456789abcdef"), 4<<10)

func handler(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/hello":
		_, _ = io.WriteString(w, "Hello, World!")
	case "/large":
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content)
	case "/chunked":
		_, _ = w.Write(content[:100])
		w.(http.Flusher).Flush()
		_, _ = w.Write(content[:200])
	default:
		http.NotFound(w, r)
	}
}

// testPlan is a short closed loop on a server of net/http.
func testPlan(t *testing.T, requests ...Request) Plan {
	server := httptest.NewServer(http.HandlerFunc(handler))
	t.Cleanup(server.Close)
	return Plan{
		Addr: netip.MustParseAddrPort(server.Listener.Addr().String()), Requests: requests,
		Connections: 4, Warmup: 10 * time.Millisecond, Duration: 150 * time.Millisecond, CPU: -1,
	}
}

func mustRun(t *testing.T, plan Plan) *Result {
	t.Helper()
	r, err := Run(plan)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestClosedLoop(t *testing.T) {
	hello := Get("/hello", nil, 1, 200, 13)
	for _, tc := range []struct {
		name   string
		change func(*Plan)
	}{
		{"keep-alive", func(*Plan) {}},
		{"pipelined", func(p *Plan) { p.Requests = []Request{Get("/hello", nil, 16, 200, 13)} }},
		{"new connections", func(p *Plan) {
			p.Requests, p.Close = []Request{Get("/hello", []Field{{"Connection", "close"}}, 1, 200, 13)}, true
		}},
		{"server closes", func(p *Plan) {
			p.Requests = []Request{hello, Get("/hello", []Field{{"Connection", "close"}}, 1, 200, 13)}
		}},
		{"large and chunked", func(p *Plan) {
			p.Requests = []Request{Get("/large", nil, 1, 200, int64(len(content))), Get("/chunked", nil, 1, 200, 300)}
		}},
		{"not found", func(p *Plan) { p.Requests = []Request{Get("/none", nil, 2, 404, AnyLength)} }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			plan := testPlan(t, hello)
			tc.change(&plan)
			r := mustRun(t, plan)
			if r.Requests == 0 || r.Errors.Total() != 0 {
				t.Fatalf("%d requests, errors %+v", r.Requests, r.Errors)
			}
			if r.Elapsed < plan.Duration || r.CPU <= 0 || r.Rate() <= 0 || r.Bytes < 13*r.Requests {
				t.Errorf("accounts: %+v", r)
			}
			l := r.Latency
			if l.P50 <= 0 || l.P50 > l.P90 || l.P90 > l.P99 || l.P99 > l.P999 || l.P999 > l.Max {
				t.Errorf("latency: %+v", l)
			}
		})
	}
}

func TestWrongAnswersDoNotCount(t *testing.T) {
	for _, tc := range []struct {
		name    string
		request Request
		count   func(*Errors) int64
	}{
		{"status", Get("/none", nil, 1, 200, AnyLength), func(e *Errors) int64 { return e.Status }},
		{"length", Get("/hello", nil, 1, 200, 12), func(e *Errors) int64 { return e.Length }},
	} {
		r := mustRun(t, testPlan(t, tc.request))
		if n := tc.count(&r.Errors); n == 0 || n != r.Errors.Total() || r.Requests != 0 || r.Errors.First == "" {
			t.Errorf("%s: %d requests, errors %+v", tc.name, r.Requests, r.Errors)
		}
	}
}

// rawServer answers every connection with one fixed text and closes it.
func rawServer(t *testing.T, text string) netip.AddrPort {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 1024))
			_, _ = io.WriteString(c, text)
			_ = c.Close()
		}
	}()
	return netip.MustParseAddrPort(listener.Addr().String())
}

func TestBrokenServers(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		count      func(*Errors) int64
	}{
		{"cut answer", "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello", func(e *Errors) int64 { return e.Broken }},
		{"no answer", "", func(e *Errors) int64 { return e.Broken }},
		{"not HTTP", "220 mail ESMTP\r\n", func(e *Errors) int64 { return e.Malformed }},
		{"too much", strings.Repeat("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 2), func(e *Errors) int64 { return e.Malformed }},
	} {
		plan := testPlan(t, Get("/", nil, 1, 200, AnyLength))
		plan.Addr = rawServer(t, tc.text)
		r := mustRun(t, plan)
		if tc.count(&r.Errors) == 0 {
			t.Errorf("%s: errors %+v", tc.name, r.Errors)
		}
	}
	plan := testPlan(t, Get("/", nil, 1, 200, 2))
	plan.Addr = rawServer(t, "HTTP/1.0 200 OK\r\n\r\nok")
	if r := mustRun(t, plan); r.Requests == 0 || r.Errors.Total() != 0 {
		t.Errorf("content up to the end of the stream: %d requests, errors %+v", r.Requests, r.Errors)
	}
}

func TestNoServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	plan := testPlan(t, Get("/", nil, 1, 200, 1))
	plan.Addr = netip.MustParseAddrPort(listener.Addr().String())
	_ = listener.Close()
	if _, err := Run(plan); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error %v", err)
	}
}

func TestOpenLoop(t *testing.T) {
	plan := testPlan(t, Get("/hello", nil, 1, 200, 13))
	plan.Rate, plan.Duration = 500, 200*time.Millisecond
	var started, stopped atomic.Int32
	plan.Started, plan.Stopped = func() { started.Add(1) }, func() { stopped.Add(1) }
	enough := false
	tries := int32(0)
	for ; tries < 10 && !enough; tries++ { // a machine that is busy otherwise does not keep the rate, but never exceeds it
		r := mustRun(t, plan)
		want := plan.Rate * r.Elapsed.Seconds()
		if float64(r.Requests) > want*3/2 {
			t.Errorf("%d requests in %v, want %.0f", r.Requests, r.Elapsed, want)
		}
		enough = float64(r.Requests) >= want/2
	}
	if !enough {
		t.Errorf("less than half of the rate in %d runs", tries)
	}
	if started.Load() != tries || stopped.Load() != tries {
		t.Errorf("Started ran %d times, Stopped %d times in %d runs", started.Load(), stopped.Load(), tries)
	}
}

// A server that stalls must show in the latency of all requests that were due meanwhile.
func TestOpenLoopSeesStalls(t *testing.T) {
	const stall = 500 * time.Millisecond
	var once atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if once.CompareAndSwap(false, true) {
			time.Sleep(stall)
		}
		handler(w, r)
	}))
	defer server.Close()
	plan := testPlan(t, Get("/hello", nil, 1, 200, 13))
	plan.Addr = netip.MustParseAddrPort(server.Listener.Addr().String())
	plan.Connections, plan.Warmup, plan.Rate, plan.Duration = 1, 0, 1000, time.Second
	r := mustRun(t, plan)
	if r.Late < r.Requests/3 || r.Requests == 0 || r.Latency.P90 < stall/10 { // of those in a second, those of the first half at least
		t.Errorf("%d late requests of %d, latency %+v", r.Late, r.Requests, r.Latency)
	}
}

func TestWrkAgrees(t *testing.T) {
	if !WrkInstalled() {
		t.Skip("wrk is not installed")
	}
	for _, tc := range []struct {
		name     string
		requests []Request
	}{
		{"one", []Request{Get("/hello", []Field{{"X-Quote", `a"b\c`}}, 1, 200, 13)}},
		{"pipelined", []Request{Get("/hello", nil, 16, 200, 13)}},
		{"list", []Request{Get("/hello", nil, 1, 200, 13), Get("/large", nil, 1, 200, AnyLength)}},
		{"not found", []Request{Get("/none", nil, 1, 404, AnyLength)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := RunWrk(context.Background(), testPlan(t, tc.requests...))
			if err != nil {
				t.Fatal(err)
			}
			if r.Requests == 0 || r.Errors.Total() != 0 || r.CPU <= 0 || r.Elapsed < 500*time.Millisecond {
				t.Errorf("%+v", r)
			}
			if known := r.Latency.P50 > 0; known != (tc.requests[0].Count == 1) {
				t.Errorf("latency %+v", r.Latency)
			}
		})
	}
	r, err := RunWrk(context.Background(), testPlan(t, Get("/none", nil, 1, 200, AnyLength)))
	if err != nil || r.Requests != 0 || r.Errors.Status == 0 {
		t.Errorf("wrong status: %+v, %v", r, err)
	}
}
