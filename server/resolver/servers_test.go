package resolver

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// closedPort returns an address at which nothing listens, and nothing ever will: a port that was free a moment ago may be another
// process's by now.
func closedPort(n uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), n)
}

// Every question begins with the next server.
func TestRoundRobin(t *testing.T) {
	a, b := newFake(t, zone), newFake(t, zone)
	r := newResolver(t, Config{Servers: []netip.AddrPort{a.addr, b.addr}, NoIPv6: true})
	for range 10 {
		look(t, r, "nx.example")
	}
	if len(a.queries()) != 5 || len(b.queries()) != 5 {
		t.Errorf("%d and %d queries", len(a.queries()), len(b.queries()))
	}
}

// A server that does not answer is given Resend, one that cannot be reached no time.
func TestNextServer(t *testing.T) {
	good, silent := newFake(t, zone), newFake(t, func(asked) [][]byte { return nil })
	var mu sync.Mutex
	logged := ""
	log := func(m string) { mu.Lock(); logged += m + "\n"; mu.Unlock() }
	for name, c := range map[string]struct {
		servers []netip.AddrPort
		resend  time.Duration
		min     time.Duration
	}{
		"silent":  {[]netip.AddrPort{silent.addr, good.addr}, 50 * time.Millisecond, 50 * time.Millisecond},
		"refused": {[]netip.AddrPort{closedPort(1), closedPort(2), good.addr}, 2 * time.Minute, 0},
	} {
		r := newResolver(t, Config{Servers: c.servers, Resend: c.resend, Log: log})
		start := time.Now()
		if got := text(look(t, r, "a.example")); got != "192.0.2.1 192.0.2.2 2001:db8::1" {
			t.Errorf("%s: %s", name, got)
		}
		if d := time.Since(start); d < c.min || d > time.Minute {
			t.Errorf("%s: after %s", name, d)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if !strings.Contains(strings.ToLower(logged), "failed (111: connection refused) while resolving, resolver: 127.0.0.1:") {
		t.Errorf("logged %q", logged)
	}
}

// When all are unreachable they are asked again after Resend, and not more often.
func TestAllServersRefuse(t *testing.T) {
	var mu sync.Mutex
	n := 0
	r := newResolver(t, Config{
		Servers: []netip.AddrPort{closedPort(1), closedPort(2)}, NoIPv6: true, Resend: 100 * time.Millisecond,
		Log: func(string) { mu.Lock(); n++; mu.Unlock() },
	})
	began := time.Now()
	res := wait(t, func(done func(Result)) { r.Lookup("a.example", time.Second, done) })
	took := time.Since(began)
	if got := text(res); got != "a.example could not be resolved (110: Operation timed out)" {
		t.Error(got)
	}
	mu.Lock()
	defer mu.Unlock()
	if n < 2 || n > 4+2*int(took/(100*time.Millisecond)) { // two, and two more every 100 ms
		t.Errorf("%d failures in %v", n, took)
	}
}

// A late answer to an earlier query is an answer.
func TestLateAnswer(t *testing.T) {
	var first sync.Once
	f := newFake(t, func(q asked) (answer [][]byte) { // to the first of them, and no other
		first.Do(func() { time.Sleep(400 * time.Millisecond); answer = zone(q) })
		return answer
	})
	r := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}, NoIPv6: true, Resend: 100 * time.Millisecond})
	if got := text(look(t, r, "four.example")); got != "192.0.2.4" {
		t.Error(got)
	}
}

// listenUDPAlone listens at a port that refuses TCP: nobody else may get it meanwhile, as other tests do.
func listenUDPAlone(t *testing.T) *net.UDPConn {
	t.Helper()
	for range 10 {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = unix.Close(fd) })
		if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			t.Fatal(err)
		}
		bound, err := unix.Getsockname(fd)
		if err != nil {
			t.Fatal(err)
		}
		udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: bound.(*unix.SockaddrInet4).Port})
		if err == nil {
			t.Cleanup(func() { _ = udp.Close() })
			return udp
		}
	}
	t.Fatal("no port that is free for UDP and TCP")
	return nil
}

// What was cut is asked for over TCP, at the next server if the first fails there.
func TestTCP(t *testing.T) {
	onlyUDP := listenUDPAlone(t)
	cut := &fake{answer: zone}
	go cut.serveUDP(onlyUDP)
	good := newFake(t, zone)
	var mu sync.Mutex
	logged := ""
	r := newResolver(t, Config{
		Servers: []netip.AddrPort{onlyUDP.LocalAddr().(*net.UDPAddr).AddrPort(), good.addr}, NoIPv6: true,
		Log: func(m string) { mu.Lock(); logged += m + "\n"; mu.Unlock() },
	})
	if got := text(look(t, r, "cut.example")); got != "192.0.2.1" {
		t.Error(got)
	}
	q := good.queries()
	if len(q) != 1 || !q[0].tcp {
		t.Errorf("the second server was asked %v", q)
	}
	mu.Lock()
	defer mu.Unlock()
	if !strings.HasPrefix(strings.ToLower(logged), "connect() failed (111: connection refused)") {
		t.Errorf("logged %q", logged)
	}
}
