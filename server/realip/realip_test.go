package realip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

var trusted = []string{"10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "127.0.0.0/30", "unix:", "::1"}

func newHook(t testing.TB, c Config) *Hook {
	t.Helper()
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// find runs h on a request from peer ("" for a unix socket) with field lines, and returns the client.
func find(t testing.TB, h *Hook, peer string, lines ...string) string {
	t.Helper()
	var opts []pipelinetest.Option
	for _, l := range lines {
		name, value, _ := strings.Cut(l, ": ")
		opts = append(opts, pipelinetest.Header(name, value))
	}
	remote := netip.AddrPort{}
	if peer != "" {
		remote = netip.AddrPortFrom(netip.MustParseAddr(peer), 7)
	}
	c := pipelinetest.NewCtx(t, "GET", "/", opts...)
	c.Begin(from{c.Transport(), remote}, c.HeadBytes(), c.PathBytes())
	if err := h.ProcessRequest(c); err != nil {
		t.Fatal(err)
	}
	defer c.Reset()
	return show(c.Client())
}

// from is a transport with another client.
type from struct {
	pipeline.Transport
	remote netip.AddrPort
}

func (f from) Remote() netip.AddrPort { return f.remote }

func show(a netip.AddrPort) string {
	if !a.IsValid() {
		return "unix:"
	}
	return fmt.Sprint(a.Addr(), " ", a.Port())
}

func TestRealIP(t *testing.T) {
	thousand := strings.Repeat("1.2.3.4, ", 500)
	for _, c := range []struct {
		peer, header string
		recursive    bool
		lines, want  string
	}{
		{"10.0.0.1", "", false, "", "10.0.0.1 7"},
		{"11.0.0.1", "", false, "X-Real-IP: 1.2.3.4", "11.0.0.1 7"},
		{"10.0.0.1", "", false, "X-Real-IP: 1.2.3.4|X-Forwarded-For: 5.6.7.8", "1.2.3.4 0"},
		{"10.0.0.1", "", false, "X-Real-IP: 1.2.3.4|X-Real-IP: 6.6.6.6", "1.2.3.4 0"},
		{"10.0.0.1", "", false, "X-Real-IP: 1.2.3.4, 5.6.7.8:80", "5.6.7.8 80"},
		{"::ffff:10.0.0.1", "", false, "X-Real-IP: 1.2.3.4", "1.2.3.4 0"},
		{"2001:db8::1%eth0", "", false, "X-Real-IP: ::ffff:1.2.3.4", "::ffff:1.2.3.4 0"},
		{"", "", false, "X-Real-IP: 1.2.3.4", "1.2.3.4 0"},
		{"10.0.0.1", "", false, "X-Real-IP: unix:", "10.0.0.1 7"},
		{"10.0.0.1", "", false, "X-Real-IP: 1.2.3.4%eth0", "10.0.0.1 7"},
		{"10.0.0.1", "", false, "X-Real-IP: fe80::1%eth0", "10.0.0.1 7"},
		{"10.0.0.1", "", false, "X-Real-IP: 01.2.3.4", "10.0.0.1 7"},
		{"10.0.0.1", "", false, "X-Real-IP: 1.2.3.4:0", "10.0.0.1 7"},
		{"10.0.0.1", "", false, "X-Real-IP: 1.2.3.4:65536", "10.0.0.1 7"},
		{"10.0.0.1", "", false, "X-Real-IP: 1.2.3.4:080", "1.2.3.4 80"},
		{"10.0.0.1", "", false, "X-Real-IP: [2001:db9::1]:443", "2001:db9::1 443"},
		{"10.0.0.1", "", false, "X-Real-IP: [2001:db9::1]", "2001:db9::1 0"},
		{"10.0.0.1", "", false, "X-Real-IP: [1.2.3.4]:5", "1.2.3.4 5"},
		{"10.0.0.1", "", false, "X-Real-IP: [2001:db9::1", "10.0.0.1 7"},
		{"10.0.0.1", "", false, "X-Real-IP: [2001:db9::1]x", "10.0.0.1 7"},
		{"10.0.0.1", "", false, "X-Real-IP: ,", "10.0.0.1 7"},
		{"10.0.0.1", "X-Client", false, "X-Other: 6.6.6.6|x-client: 1.2.3.4|X-Client: 6.6.6.6", "1.2.3.4 0"},
		{"10.0.0.1", "X-Forwarded-For", false, "X-Forwarded-For: 1.2.3.4, 10.0.0.9", "10.0.0.9 0"},
		{"10.0.0.1", "X-Forwarded-For", false, "X-Forwarded-For: 1.2.3.4|X-Forwarded-For: 5.6.7.8", "5.6.7.8 0"},
		{"10.0.0.1", "x-forwarded-for", true, "X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.9", "1.2.3.4 0"},
		{"10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: 10.0.0.7,10.0.0.8 10.0.0.9", "10.0.0.7 0"},
		{"10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: 1.2.3.4|X-Forwarded-For: 10.0.0.8, 10.0.0.9", "1.2.3.4 0"},
		{"10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: nobody|X-Forwarded-For: 10.0.0.9", "10.0.0.9 0"},
		{"10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: 1.2.3.4, unknown, 10.0.0.9", "10.0.0.9 0"},
		{"10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: 1.2.3.4,\t10.0.0.9", "10.0.0.1 7"},
		{"10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: 1.2.3.4,, , 10.0.0.9 ,", "1.2.3.4 0"},
		{"10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: " + thousand + "10.0.0.2", "1.2.3.4 0"},
		{"10.0.0.1", "X-Client", true, "X-Client: 1.2.3.4, 10.0.0.9|X-Client: 6.6.6.6", "1.2.3.4 0"},
		{"10.0.0.1", "proxy_protocol", false, "X-Real-IP: 6.6.6.6", "10.0.0.1 7"},
	} {
		h := newHook(t, Config{From: trusted, Header: c.header, Recursive: c.recursive})
		lines := strings.Split(c.lines, "|")
		if c.lines == "" {
			lines = nil
		}
		if got := find(t, h, c.peer, lines...); got != c.want {
			t.Errorf("%s %q %v %.60s: %s, want %s", c.peer, c.header, c.recursive, c.lines, got, c.want)
		}
	}
}

func TestProxyProtocol(t *testing.T) {
	source := netip.MustParseAddrPort("198.51.100.3:81")
	h := newHook(t, Config{From: trusted, Header: "proxy_protocol", ProxyProtocol: func(*pipeline.Ctx) (netip.AddrPort, bool) { return source, true }})
	for peer, want := range map[string]string{"10.0.0.1": "198.51.100.3 81", "11.0.0.1": "11.0.0.1 7"} {
		if got := find(t, h, peer); got != want {
			t.Errorf("%s: %s, want %s", peer, got, want)
		}
	}
}

func TestTheFirstHookDecides(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Remote("10.0.0.1:7"), pipelinetest.Header("X-Real-IP", "10.0.0.2"), pipelinetest.Header("X-Client", "1.2.3.4"))
	for _, header := range []string{"X-Real-IP", "X-Client"} {
		if err := newHook(t, Config{From: trusted, Header: header}).ProcessRequest(c); err != nil {
			t.Fatal(err)
		}
	}
	if got := show(c.Client()); got != "10.0.0.2 0" {
		t.Error(got)
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []Config{{From: []string{"10.0.0.0/33"}}, {From: []string{"fe80::1%eth0"}}, {From: []string{"no such host.invalid"}}, {Header: "X Y"}, {Header: "X:"}} {
		if _, err := New(c); err == nil || !strings.HasPrefix(err.Error(), "realip: ") {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if got := find(t, newHook(t, Config{}), "10.0.0.1", "X-Real-IP: 1.2.3.4"); got != "10.0.0.1 7" {
		t.Errorf("nobody is trusted: %s", got)
	}
	if got := find(t, newHook(t, Config{From: []string{"localhost"}}), "127.0.0.1", "X-Real-IP: 1.2.3.4"); got != "1.2.3.4 0" {
		t.Errorf("a host name: %s", got)
	}
}

// The same fields to the real nginx. "[address]" without a port is left out: NGINX 1.22 refuses it, later ones take it.
func TestAgainstNginx(t *testing.T) {
	from := ""
	for _, s := range trusted {
		from += "set_real_ip_from " + s + "; "
	}
	headers := []string{"X-Real-IP", "X-Forwarded-For", "X-Client"}
	var conf strings.Builder
	for i, h := range headers {
		for _, recursive := range []string{"off", "on"} {
			fmt.Fprintf(&conf, "location = /%d%s { %s real_ip_header %s; real_ip_recursive %s; empty_gif; add_header X-Is $remote_addr,$remote_port; }\n", i, recursive, from, h, recursive)
		}
	}
	s := nginxtest.Start(t, t.TempDir(), "", conf.String())
	for i, header := range headers {
		for _, value := range []string{"1.2.3.4", "1.2.3.4, 10.0.0.1", "10.0.0.1,10.0.0.2 10.0.0.3", "1.2.3.4:80", "[2001:db9::1]:80", "2001:db9::1", "2001:db8::1, 2001:db8::2",
			"::ffff:9.8.7.6", "1.2.3.4, x, 10.0.0.1", "x", "1.2.3.4:0", "1.2.3.4:", "1.2.3.4,,", "1.2.3.4:99999", "[1.2.3.4]:1", "[1.2.3.4", "1.2.3.4]", "10.0.0.1:1, 10.0.0.2:2",
			"1.2.3.4, 10.0.0.1|5.6.7.8, 10.0.0.2", "1.2.3.4|10.0.0.2", "unknown|10.0.0.2", "1.2.3", "1.2.3.4.5", "256.1.1.1", "::1", "unix:", "localhost"} {
			for _, peer := range []string{"127.0.0.1", "127.0.0.9", "::1", "unix:"} {
				for _, recursive := range []string{"off", "on"} {
					head := fmt.Sprintf("GET /%d%s HTTP/1.1\r\nHost: a\r\n", i, recursive)
					var lines []string
					for v := range strings.SplitSeq(value, "|") {
						lines = append(lines, header+": "+v)
						head += header + ": " + v + "\r\n"
					}
					want := s.Do(peer, head).Header.Get("X-Is")
					h := newHook(t, Config{From: trusted, Header: header, Recursive: recursive == "on"})
					addr, port, _ := strings.Cut(find(t, h, strings.TrimSuffix(peer, "unix:"), lines...), " ")
					if port == "0" {
						port = ""
					}
					if wantAddr, wantPort, _ := strings.Cut(want, ","); addr != wantAddr || port != wantPort && port != "7" {
						t.Errorf("%s, recursive %s, from %s, %q: %s %s, nginx %s", header, recursive, peer, value, addr, port, want)
					}
				}
			}
		}
	}
}

// FuzzRealIP puts what a client may send in front of what two trusted proxies add.
func FuzzRealIP(f *testing.F) {
	for _, s := range []string{"", "1.2.3.4", "[::1", "::1%eth0", ", ,", "10.0.0.1, 10.0.0.2", "[]:1", ":", "1:2:3", "....", "::::"} {
		f.Add(s)
	}
	h, err := New(Config{From: trusted, Recursive: true, Header: "X-Forwarded-For"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		if len(sent) > 1000 {
			return // a head is refused for a field line of more than 8 KiB
		}
		for _, b := range []byte(sent) {
			if b < ' ' || b >= 0x7f {
				return
			}
		}
		const want = "198.51.100.7 0"
		if got := find(t, h, "10.0.0.1", "X-Forwarded-For: "+sent+", 198.51.100.7, 10.0.0.2:80"); got != want {
			t.Errorf("%q: %s", sent, got)
		}
		if got := find(t, h, "10.0.0.1", "X-Forwarded-For: "+sent, "X-Forwarded-For: 198.51.100.7, 10.0.0.2:80"); got != want {
			t.Errorf("%q, two lines: %s", sent, got)
		}
		if got := find(t, h, "11.0.0.1", "X-Forwarded-For: "+sent); got != "11.0.0.1 7" {
			t.Errorf("%q, not trusted: %s", sent, got)
		}
	})
}

// FuzzAddress compares with what net/netip reads.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"1.2.3.4", "::1", "[::1]:80", "1.2.3.4:5", "[1.2.3.4]:5", "::ffff:1.2.3.4", "1.2.3.4:00005", "a:b", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseAddrPort([]byte(s))
		want, err := netip.ParseAddr(s)
		port := uint16(0)
		if err != nil {
			host := s
			if inner, is := strings.CutPrefix(s, "["); is {
				var rest string
				if host, rest, is = strings.Cut(inner, "]"); !is {
					host = ""
				} else if rest != "" {
					if _, e := fmt.Sscanf("1"+strings.TrimLeft(strings.TrimPrefix(rest, ":"), "0"), "%d", new(int)); e != nil || rest[0] != ':' {
						host = ""
					}
				}
			} else {
				host, _, _ = strings.Cut(s, ":")
			}
			want, err = netip.ParseAddr(host)
			port = got.Port()
		}
		if ok && (err != nil || got.Addr() != want || got.Port() != port || want.Zone() != "") {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
		if whole, e := netip.ParseAddr(s); e == nil && whole.Zone() == "" && !ok {
			t.Errorf("%q is an address", s)
		}
	})
}
