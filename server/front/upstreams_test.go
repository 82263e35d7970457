package front_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// peerServer is a server that says its name, fails when it is told to, and counts the requests that it has answered.
type peerServer struct {
	*httptest.Server
	fails    atomic.Bool
	answered atomic.Int64
	open     atomic.Int64 // connections
}

func newPeer(t *testing.T, name string) *peerServer {
	t.Helper()
	p := &peerServer{}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.fails.Load() {
			w.WriteHeader(500)
		}
		if r.URL.Path != "/health" {
			p.answered.Add(1)
			time.Sleep(time.Millisecond)
		}
		fmt.Fprint(w, name)
	}))
	p.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			p.open.Add(1)
		case http.StateClosed:
			p.open.Add(-1)
		}
	}
	p.Start()
	t.Cleanup(p.Close)
	return p
}

func (p *peerServer) addr() string { return p.Listener.Addr().String() }

// fetch sends a request and returns status and body.
func fetch(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// eventually waits until what becomes true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// TestUpstreamAPI changes the servers of an upstream while clients keep it busy: not one of their requests fails.
func TestUpstreamAPI(t *testing.T) {
	a, b, c := newPeer(t, "a"), newPeer(t, "b"), newPeer(t, "c")
	addr, _ := serve(t, `upstream u { zone z 64k; server `+a.addr()+`; server `+b.addr()+`; keepalive 4; }
		server { listen 127.0.0.1:%PORT%;
			location / { proxy_pass http://u; }
			location /api/ { upstream_api write=on; }
			location /look/ { upstream_api; } }`)
	base := "http://" + addr
	servers := base + "/api/9/http/upstreams/u/servers/"

	var lost, served atomic.Int64
	done := make(chan struct{})
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for {
				select {
				case <-done:
					return
				default:
				}
				resp, err := client.Get(base + "/")
				if err != nil {
					lost.Add(1)
					continue
				}
				if _, err = io.ReadAll(resp.Body); err != nil || resp.StatusCode != 200 {
					lost.Add(1)
				}
				_ = resp.Body.Close()
				served.Add(1)
			}
		})
	}
	change := func(method, path, body string, want int) string {
		t.Helper()
		status, got := fetch(t, method, path, body)
		if status != want {
			t.Fatalf("%s %s %s: %d %s", method, path, body, status, got)
		}
		return got
	}
	// quiet waits until p gets no more requests.
	quiet := func(p *peerServer) {
		t.Helper()
		eventually(t, "a server without requests", func() bool {
			n, all := p.answered.Load(), served.Load()
			for served.Load() < all+100 {
				time.Sleep(time.Millisecond)
			}
			return p.answered.Load() == n
		})
	}
	busy := func(p *peerServer) {
		t.Helper()
		n := p.answered.Load()
		eventually(t, "a server with requests", func() bool { return p.answered.Load() > n+20 })
	}
	busy(a)
	busy(b)
	change("PATCH", servers+"0", `{"drain":true}`, 200)
	quiet(a)
	change("PATCH", servers+"0", `{"drain":false,"weight":3}`, 200)
	busy(a)
	if got := change("POST", servers, `{"server":"`+c.addr()+`"}`, 201); !strings.Contains(got, `"id":2`) {
		t.Errorf("added: %s", got)
	}
	busy(c)
	change("DELETE", servers+"1", "", 200)
	quiet(b)
	change("PATCH", servers+"0", `{"down":true}`, 200)
	quiet(a)
	busy(c)
	change("POST", servers, `{"server":"name.example"}`, 400)
	change("DELETE", base+"/look/9/http/upstreams/u/servers/0", "", 405)
	if got := change("GET", base+"/look/", "", 200); got != "[9]" {
		t.Errorf("versions: %s", got)
	}
	if got := change("GET", base+"/look/9/http/upstreams/u/", "", 200); !strings.Contains(got, `"zone":"z"`) {
		t.Errorf("the group: %s", got)
	}
	close(done)
	clients.Wait()
	if lost.Load() != 0 || served.Load() == 0 {
		t.Errorf("%d of %d requests were lost", lost.Load(), served.Load())
	}
}

// TestHealthCheck has a server fail its checks and pass them again.
func TestHealthCheck(t *testing.T) {
	a, b := newPeer(t, "a"), newPeer(t, "b")
	addr, _ := serve(t, `upstream u { zone z 64k; server `+a.addr()+`; server `+b.addr()+`; }
		match good { status 200-299; body ~ "^[ab]$"; header Content-Type ~ text; }
		server { listen 127.0.0.1:%PORT%; location / { proxy_pass http://u; health_check interval=20ms uri=/health match=good; } }`)
	one := func() string {
		_, body := fetch(t, "GET", "http://"+addr+"/", "")
		return body
	}
	both := func() bool {
		first := one()
		return one() != first
	}
	eventually(t, "both serve", both)
	a.fails.Store(true)
	eventually(t, "only b serves", func() bool {
		first := one()
		return first == "b" && one() == first
	})
	for range 20 {
		if got := one(); got != "b" {
			t.Fatalf("an unhealthy server answered: %q", got)
		}
	}
	a.fails.Store(false)
	eventually(t, "both serve again", both)
}

// nameServer is a DNS server whose answers can be changed; they are valid for a second.
type nameServer struct {
	conn  net.PacketConn
	mu    sync.Mutex
	addrs map[string][]string
	srv   map[string][]dnsmessage.SRVResource
}

func newNameServer(t *testing.T) *nameServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &nameServer{conn: conn, addrs: map[string][]string{}, srv: map[string][]dnsmessage.SRVResource{}}
	go n.run()
	t.Cleanup(func() { _ = conn.Close() })
	return n
}

func (n *nameServer) set(name string, addrs ...string) {
	n.mu.Lock()
	n.addrs[name+"."] = addrs
	n.mu.Unlock()
}

func (n *nameServer) add(service string, r dnsmessage.SRVResource) {
	n.mu.Lock()
	n.srv[service+"."] = append(n.srv[service+"."], r)
	n.mu.Unlock()
}

func (n *nameServer) run() {
	buf := make([]byte, 1500)
	for {
		size, from, err := n.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buf[:size]) != nil || len(m.Questions) != 1 {
			continue
		}
		q := m.Questions[0]
		m.Response, m.Additionals = true, nil
		n.mu.Lock()
		addrs, known := n.addrs[q.Name.String()]
		services := n.srv[q.Name.String()]
		n.mu.Unlock()
		switch {
		case len(services) > 0:
			for i := range services {
				m.Answers = append(m.Answers, dnsmessage.Resource{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: dnsmessage.TypeSRV, Class: q.Class, TTL: 1}, Body: &services[i],
				})
			}
		case known && addrs == nil:
			continue // no answer at all
		case !known:
			m.RCode = dnsmessage.RCodeNameError
		case q.Type == dnsmessage.TypeA:
			for _, a := range addrs {
				m.Answers = append(m.Answers, dnsmessage.Resource{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1},
					Body:   &dnsmessage.AResource{A: netip.MustParseAddr(a).As4()},
				})
			}
		}
		if b, err := m.Pack(); err == nil {
			_, _ = n.conn.WriteTo(b, from)
		}
	}
}

// TestNamesOfServers has a name of an upstream's server mean another address after a second, and one of a request be looked up.
func TestNamesOfServers(t *testing.T) {
	names := newNameServer(t)
	one := newPeer(t, "one")
	_, port, _ := net.SplitHostPort(one.addr())
	two := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "two") }))
	l, err := net.Listen("tcp", "127.0.0.2:"+port)
	if err != nil {
		t.Skip(err)
	}
	two.Listener = l
	two.Start()
	t.Cleanup(two.Close)
	names.set("moving.test", "127.0.0.1")
	names.set("other.test", "127.0.0.2")
	names.set("silent.test")
	addr, _ := serve(t, `resolver `+names.conn.LocalAddr().String()+` ipv6=off; resolver_timeout 2s;
		upstream u { zone z 64k; server moving.test:`+port+` resolve; }
		server { listen 127.0.0.1:%PORT%;
			location / { proxy_pass http://u; }
			location /named { proxy_pass http://$arg_h:`+port+`; } }`)
	get := func(path string) string {
		status, body := fetch(t, "GET", "http://"+addr+path, "")
		if status != 200 {
			return fmt.Sprint(status)
		}
		return body
	}
	if got := get("/"); got != "one" { // Open has waited for the first answer
		t.Errorf("at first %q", got)
	}
	names.set("moving.test", "127.0.0.2")
	eventually(t, "the name means the other server", func() bool { return get("/") == "two" })
	for h, want := range map[string]string{"other.test": "two", "OTHER.test": "two", "127.0.0.1": "one", "u": "502", "none.test": "502", "silent.test": "502"} {
		if got := get("/named?h=" + h); got != want {
			t.Errorf("%s: %q, want %q", h, got, want)
		}
	}
	// A client that leaves while its name is looked up.
	for range 20 {
		conn := dial(t, addr)
		_, _ = io.WriteString(conn, "GET /named?h=silent.test HTTP/1.1\r\nHost: a\r\n\r\n")
		time.Sleep(2 * time.Millisecond)
		_ = conn.Close()
	}
	time.Sleep(2100 * time.Millisecond)
	if got := get("/named?h=other.test"); got != "two" {
		t.Errorf("afterwards %q", got)
	}
}

// TestServices has a service with two hosts, one of them for when the other fails.
func TestServices(t *testing.T) {
	names := newNameServer(t)
	a, b := newPeer(t, "a"), newPeer(t, "b")
	for i, p := range []*peerServer{a, b} {
		host := fmt.Sprintf("host%d.test", i)
		names.set(host, "127.0.0.1")
		names.add("_web._tcp.site.test", dnsmessage.SRVResource{
			Priority: uint16(10 * (i + 1)), Weight: 3, Target: dnsmessage.MustNewName(host + "."),
			Port: uint16(p.Listener.Addr().(*net.TCPAddr).Port),
		})
	}
	addr, _ := serve(t, `upstream u { zone z 64k; server site.test service=web resolve; resolver `+names.conn.LocalAddr().String()+` ipv6=off; }
		server { listen 127.0.0.1:%PORT%;
			location / { proxy_pass http://u; }
			location /api/ { upstream_api write=on; } }`)
	for range 5 {
		if _, got := fetch(t, "GET", "http://"+addr+"/", ""); got != "a" {
			t.Errorf("the service with the lower priority answered: %q", got)
		}
	}
	_, got := fetch(t, "GET", "http://"+addr+"/api/9/http/upstreams/u/", "")
	for _, want := range []string{`"server":"` + a.addr() + `"`, `"name":"host1.test"`, `"backup":true`, `"weight":3`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	a.Close()
	if _, got := fetch(t, "GET", "http://"+addr+"/", ""); got != "b" {
		t.Errorf("behind a server that is gone: %q", got)
	}
	// A name that is added while it serves is resolved, too.
	names.set("late.test", "127.0.0.1")
	_, port, _ := net.SplitHostPort(b.addr())
	if status, got := fetch(t, "POST", "http://"+addr+"/api/9/http/upstreams/u/servers/", `{"server":"late.test:`+port+`"}`); status != 201 {
		t.Fatal(status, got)
	}
	eventually(t, "the added name has an address", func() bool {
		_, got := fetch(t, "GET", "http://"+addr+"/api/9/http/upstreams/u/", "")
		return strings.Contains(got, `"name":"late.test`)
	})
}

// TestUpstreamFaults are configurations that are refused, with NGINX's words where it has some.
func TestUpstreamFaults(t *testing.T) {
	for text, want := range map[string]string{
		`upstream u { zone z 64k; server a.test resolve; }`:                                                                                         `no resolver defined to resolve names at run time in upstream "u"`,
		`resolver 127.0.0.1; upstream u { server a.test resolve; }`:                                                                                 `resolving names at run time requires upstream "u"`,
		`upstream u { server a.test:80 service=http resolve; }`:                                                                                     `service upstream "a.test:80" may not have port`,
		`upstream u { server 127.0.0.1 service=http resolve; }`:                                                                                     `service upstream "127.0.0.1" requires domain name`,
		`upstream u { server 127.0.0.1; queue 0; }`:                                                                                                 `invalid value "0"`,
		`upstream u { hash $uri; server 127.0.0.1 slow_start=1s; }`:                                                                                 `does not support parameter "slow_start"`,
		`server { location / { health_check; } }`:                                                                                                   `"health_check" requires a "proxy_pass"`,
		`upstream u { server 127.0.0.1; } server { location / { proxy_pass http://u; health_check; } }`:                                             `to an upstream in shared memory`,
		`upstream u { zone z 64k; server 127.0.0.1; } server { location / { proxy_pass http://u; health_check match=m; } }`:                         `unknown match "m"`,
		`upstream u { zone z 64k; server 127.0.0.1; } server { location / { proxy_pass http://u; health_check passes=0; } }`:                        `invalid parameter "passes=0"`,
		`match m { status 900; } upstream u { zone z 64k; server 127.0.0.1; } server { location / { proxy_pass http://u; health_check match=m; } }`: `invalid status "900"`,
	} {
		_, err := build(t, t.TempDir(), text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v\nwant %s", text, err, want)
		}
	}
}

// TestRemovedServerIsLeft removes a server: connections to it that were kept are closed with the next request.
func TestRemovedServerIsLeft(t *testing.T) {
	a, b := newPeer(t, "a"), newPeer(t, "b")
	addr, _ := serve(t, `upstream u { zone z 64k; server `+a.addr()+`; server `+b.addr()+`; keepalive 4; }
		server { listen 127.0.0.1:%PORT%; location / { proxy_pass http://u; } location /api/ { upstream_api write=on; } }`)
	for range 10 {
		fetch(t, "GET", "http://"+addr+"/", "")
	}
	if a.open.Load() != 1 {
		t.Fatalf("%d connections are kept", a.open.Load())
	}
	if status, got := fetch(t, "DELETE", "http://"+addr+"/api/9/http/upstreams/u/servers/0", ""); status != 200 {
		t.Fatal(status, got)
	}
	fetch(t, "GET", "http://"+addr+"/", "")
	eventually(t, "the connection is closed", func() bool { return a.open.Load() == 0 })
}
