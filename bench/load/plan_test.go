package load

import (
	"net/netip"
	"testing"
	"time"
)

func TestGetRendersPipelinedRequests(t *testing.T) {
	r := Get("/a", []Field{{"Range", "bytes=0-9"}}, 2, 206, 10)
	one := "GET /a HTTP/1.1\r\nHost: bench.local\r\nRange: bytes=0-9\r\n\r\n"
	if string(r.Wire) != one+one || r.Count != 2 || r.Status != 206 || r.Length != 10 {
		t.Errorf("%+v: %q", r, r.Wire)
	}
}

func TestPlansThatCannotRun(t *testing.T) {
	good := func() Plan {
		return Plan{
			Addr: netip.MustParseAddrPort("127.0.0.1:1"), Requests: []Request{Get("/", nil, 1, 200, 1)},
			Connections: 1, Duration: time.Second,
		}
	}
	if p := good(); p.check() != nil {
		t.Fatal(p.check())
	}
	for name, change := range map[string]func(*Plan){
		"no address":       func(p *Plan) { p.Addr = netip.AddrPort{} },
		"no requests":      func(p *Plan) { p.Requests = nil },
		"no connections":   func(p *Plan) { p.Connections = 0 },
		"no time":          func(p *Plan) { p.Duration = 0 },
		"no bytes":         func(p *Plan) { p.Requests = []Request{{Count: 1}} },
		"closed pipelined": func(p *Plan) { p.Close, p.Requests = true, []Request{Get("/", nil, 2, 200, 1)} },
	} {
		p := good()
		change(&p)
		if p.check() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestRingAndTimetable(t *testing.T) {
	r := newRing(3)
	for i := range int32(3) {
		r.push(i)
	}
	for want := range int32(9) {
		got, ok := r.pop()
		if !ok || got != want%3 {
			t.Fatalf("pop %d: %d, %v", want, got, ok)
		}
		r.push(got)
	}
	table := timetable{rate: 1000}
	for i := range 5 {
		at, ok := table.next(int64(3 * time.Millisecond))
		if at != int64(i)*int64(time.Millisecond) || ok != (i <= 3) {
			t.Errorf("request %d: at %d, %v", i, at, ok)
		}
		if got := table.overdue(int64(3 * time.Millisecond)); got != int64(max(4-i, 0)) {
			t.Errorf("with %d sent, %d are overdue", i, got)
		}
		table.sent++
	}
}
