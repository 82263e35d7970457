package health

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wheelpit/wheelpit/server/upstream"
)

func TestStateMachine(t *testing.T) {
	for _, c := range []struct {
		start         state
		fails, passes int
		probes, want  string // + passed, - not; want: H becomes healthy, U unhealthy, . nothing
	}{
		{state{known: true, healthy: true}, 1, 1, "++-+-", "..UHU"},
		{state{known: true, healthy: true}, 3, 2, "--+---+-++", ".....U...H"},
		{state{}, 1, 1, "+-", "HU"},
		{state{}, 2, 2, "-+-+--++", ".....U.H"},
		{state{known: true}, 1, 2, "-++-", "..HU"},
	} {
		conf, got := Config{Fails: c.fails, Passes: c.passes}, ""
		s := c.start
		for _, p := range c.probes {
			switch changed := s.result(p == '+', &conf); {
			case !changed:
				got += "."
			case s.healthy:
				got += "H"
			default:
				got += "U"
			}
		}
		if got != c.want {
			t.Errorf("%s with %d fails and %d passes: %s, want %s", c.probes, c.fails, c.passes, got, c.want)
		}
	}
}

func TestMatch(t *testing.T) {
	response := Response{Status: 302, Body: []byte("Welcome to nginx"),
		Header: textproto.MIMEHeader{"Content-Type": {"text/html"}, "X-Two": {"a", "b"}}}
	for text, want := range map[string]bool{
		"":                                 true,
		"status 200":                       false,
		"status 200 302":                   true,
		"status 200-399":                   true,
		"status ! 500-599":                 true,
		"status ! 301 302":                 false,
		"header content-type = text/html":  true,
		"header Content-Type != text/xml":  true,
		"header Content-Type ~ ^text/":     true,
		"header Content-Type !~ html$":     false,
		"header X-Two = b":                 true,
		"header X-Two":                     true,
		"header ! X-Two":                   false,
		"header ! X-None":                  true,
		"header X-None = x":                false,
		"header X-None != x":               true,
		"body ~ ^Welcome":                  true,
		"body !~ apache":                   true,
		"body ~ welcome":                   false,
		"status 302; body ~ apache":        false,
		"status 302; header ! X; body ~ n": true,
	} {
		m := new(Match)
		for line := range strings.SplitSeq(text, ";") {
			if words := strings.Fields(line); len(words) > 0 {
				if err := m.Add(words, nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := m.Passes(&response); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
	for status, want := range map[int]bool{199: false, 200: true, 399: true, 400: false} {
		if got := (*Match)(nil).Passes(&Response{Status: status}); got != want {
			t.Errorf("without a match %d: %t", status, got)
		}
	}
}

func TestErrorsOfMatches(t *testing.T) {
	for _, text := range []string{"status", "status !", "status 99", "status 300-200", "status x", "header a b", "header a < b",
		"header a ~ (", "body Welcome", "body = x", "body ~ (", "require $x", "header a = b c"} {
		if err := new(Match).Add(strings.Fields(text), nil); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

func TestErrorsOfConfigurations(t *testing.T) {
	g := newGroup(t, upstream.NoHealthCheck, "127.0.0.1:1")
	for _, c := range []Config{{Interval: -1}, {Jitter: -1}, {Timeout: -1}, {Port: 70000}, {URI: "x"}, {URI: "/a b"}, {Host: "a\r\nb"}} {
		if _, err := New(g, c, nil); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}

func newGroup(t *testing.T, start upstream.HealthStart, addresses ...string) *upstream.Group {
	t.Helper()
	c := upstream.Config{Name: "backend", Health: start}
	for _, a := range addresses {
		c.Servers = append(c.Servers, upstream.ServerConfig{Address: a})
	}
	g, err := upstream.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// prober answers with the status that is set for an address, 0 for no answer.
type prober struct {
	lock   sync.Mutex
	status map[string]int
	asked  []string
}

func (p *prober) Probe(_ context.Context, t Target) (Response, error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.asked = append(p.asked, t.Host+" "+t.Addr+t.URI)
	if s := p.status[t.Addr]; s != 0 {
		return Response{Status: s}, nil
	}
	return Response{}, errors.New("no answer")
}

func (p *prober) set(addr string, status int) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.status[addr] = status
}

func (p *prober) count() int {
	p.lock.Lock()
	defer p.lock.Unlock()
	return len(p.asked)
}

func states(g *upstream.Group) string {
	var s []string
	for _, p := range g.Snapshot(time.Now().UnixMilli()).Peers {
		s = append(s, p.State)
	}
	return strings.Join(s, " ")
}

func TestChecker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t, upstream.Mandatory, "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80")
		p := &prober{status: map[string]int{"10.0.0.1:80": 200, "10.0.0.2:80": 500}}
		c, err := New(g, Config{URI: "/ready", Fails: 2, Interval: 4 * time.Second}, p)
		if err != nil {
			t.Fatal(err)
		}
		var changes []string
		c.Changed = func(peer *upstream.Peer, healthy bool, err error) {
			p.lock.Lock()
			defer p.lock.Unlock()
			changes = append(changes, fmt.Sprint(peer.ID(), healthy, err != nil))
		}
		ctx, cancel := context.WithCancel(t.Context())
		go c.Run(ctx)
		expect := func(after time.Duration, want string) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if got := states(g); got != want {
				t.Errorf("states %s, want %s", got, want)
			}
		}
		expect(0, "up checking checking")
		expect(4*time.Second, "up unhealthy unhealthy")
		p.set("10.0.0.2:80", 302)
		expect(4*time.Second, "up up unhealthy")
		if _, err := g.Add(upstream.ServerConfig{Address: "10.0.0.4:80"}, time.Now().UnixMilli()); err != nil {
			t.Fatal(err)
		}
		p.set("10.0.0.4:80", 200)
		if err := g.SetDown(0, true, 0); err != nil {
			t.Fatal(err)
		}
		expect(0, "down up unhealthy checking")
		expect(time.Second, "down up unhealthy up")
		asked := p.count()
		if err := g.Remove(3, 0); err != nil {
			t.Fatal(err)
		}
		expect(8*time.Second, "down up unhealthy")
		if got := p.count() - asked; got != 4 { // two peers, twice
			t.Errorf("%d probes in 8 seconds, want 4", got)
		}
		cancel()
		synctest.Wait()
		if p.asked[0][:8] != "backend " || !strings.HasSuffix(p.asked[0], ":80/ready") {
			t.Errorf("asked %s", p.asked[0])
		}
		if len(changes) != 5 {
			t.Errorf("changes %v", changes)
		}
	})
}

// serve answers one connection with text and returns what was asked.
func serve(t *testing.T, text string) (addr string, asked chan string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	asked = make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		b := make([]byte, 4096)
		n, _ := conn.Read(b)
		asked <- string(b[:n])
		if text == "" {
			_, _ = conn.Read(b) // until the prober gives up
		}
		_, _ = io.WriteString(conn, text)
	}()
	return l.Addr().String(), asked
}

func TestDialer(t *testing.T) {
	addr, asked := serve(t, "HTTP/1.1 204 No\r\nX-A: b\r\n\r\nbody")
	r, err := Dialer{}.Probe(t.Context(), Target{"tcp", addr, "h", "/u"})
	if err != nil || r.Status != 204 || r.Header.Get("x-a") != "b" || string(r.Body) != "body" {
		t.Errorf("%+v, %v", r, err)
	}
	if got := <-asked; got != "GET /u HTTP/1.0\r\nHost: h\r\nConnection: close\r\n\r\n" {
		t.Errorf("asked %q", got)
	}
	for _, text := range []string{"nonsense\r\n\r\n", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 200 OK\r\nno end", "SSH-2.0\r\n"} {
		addr, _ := serve(t, text)
		if r, err := (Dialer{}).Probe(t.Context(), Target{"tcp", addr, "h", "/"}); err == nil {
			t.Errorf("%q: %+v", text, r)
		}
	}
	addr, _ = serve(t, "")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if _, err := (Dialer{}).Probe(ctx, Target{"tcp", addr, "h", "/"}); err == nil || time.Since(begun) > time.Minute {
		t.Errorf("a server that hangs: %v after %s", err, time.Since(begun))
	}
}

func TestBodiesAreCut(t *testing.T) {
	for text, want := range map[string]int{
		"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabcdef":                3,
		"HTTP/1.0 200 OK\r\n\r\n" + strings.Repeat("x", 2*maxBody):          maxBody,
		"HTTP/1.0 200 OK\r\nContent-Length: -1\r\n\r\nabcdef":               6,
		"HTTP/1.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nab": 2,
	} {
		r, err := readResponse(strings.NewReader(text))
		if err != nil || len(r.Body) != want {
			t.Errorf("%.60q: %d bytes, %v, want %d", text, len(r.Body), err, want)
		}
	}
}

func TestPort(t *testing.T) {
	g := newGroup(t, upstream.NoHealthCheck, "[::1]:80", "unix:/run/x")
	c, err := New(g, Config{Port: 8080}, nil)
	if err != nil {
		t.Fatal(err)
	}
	peers := g.Snapshot(0).Peers
	if got := c.target(peers[0].Peer).Addr; got != "[::1]:8080" {
		t.Errorf("got %s", got)
	}
	if got := c.target(peers[1].Peer).Addr; got != "/run/x" {
		t.Errorf("got %s", got)
	}
}
