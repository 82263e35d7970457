package middleware

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

func showIP(c *pipeline.Ctx) string {
	if ip := ClientIP(c); ip.IsValid() {
		return ip.String()
	}
	return "unix:"
}

func TestRealIP(t *testing.T) {
	from := []string{"10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "::ffff:172.16.0.0/108"}
	thousand := strings.Repeat("1.2.3.4, ", 1000)
	for _, c := range []struct {
		name, peer, header string
		recursive          bool
		fields, want       string
	}{
		{"nothing sent", "10.0.0.1", "", false, "", "10.0.0.1"},
		{"an untrusted peer", "11.0.0.1", "", false, "X-Real-IP: 1.2.3.4\r\n", "11.0.0.1"},
		{"the default is X-Real-IP", "10.0.0.1", "", false, "X-Real-IP: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\n", "1.2.3.4"},
		{"a single address in From", "192.0.2.7", "", false, "X-Real-IP: 1.2.3.4\r\n", "1.2.3.4"},
		{"its neighbour", "192.0.2.8", "", false, "X-Real-IP: 1.2.3.4\r\n", "192.0.2.8"},
		{"a peer of IPv6", "2001:db8::1", "", false, "X-Real-IP: 1.2.3.4\r\n", "1.2.3.4"},
		{"a peer of IPv4 in IPv6", "::ffff:10.1.1.1", "", false, "X-Real-IP: 1.2.3.4\r\n", "1.2.3.4"},
		{"an untrusted one loses its form", "::ffff:9.1.1.1", "", false, "X-Real-IP: 1.2.3.4\r\n", "9.1.1.1"},
		{"a mapped prefix", "172.17.0.1", "", false, "X-Real-IP: 1.2.3.4\r\n", "1.2.3.4"},
		{"a client of IPv4 in IPv6", "10.0.0.1", "", false, "X-Real-IP: ::ffff:1.2.3.4\r\n", "1.2.3.4"},
		{"a peer with a zone", "2001:db8::1%eth0", "", false, "X-Real-IP: 1.2.3.4\r\n", "1.2.3.4"},
		{"a unix socket", "", "", false, "X-Real-IP: 1.2.3.4\r\n", "1.2.3.4"},
		{"the last of two lines", "10.0.0.1", "", false, "X-Real-IP: 6.6.6.6\r\nX-Real-IP: 1.2.3.4\r\n", "1.2.3.4"},
		{"a name in any case", "10.0.0.1", "x-forwarded-FOR", false, "X-FORWARDED-for: 1.2.3.4\r\n", "1.2.3.4"},
		{"a name of one's own", "10.0.0.1", "X-Client", false, "X-Clienu: 6.6.6.6\r\nx-client: 1.2.3.4\r\n", "1.2.3.4"},

		{"the last of a list", "10.0.0.1", "X-Forwarded-For", false, "X-Forwarded-For: 6.6.6.6, 10.0.0.9\r\n", "10.0.0.9"},
		{"the last untrusted", "10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.9\r\n", "1.2.3.4"},
		{"all trusted", "10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: 10.0.0.7,10.0.0.8 10.0.0.9\r\n", "10.0.0.7"},
		{"over several lines", "10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 10.0.0.9\r\n", "1.2.3.4"},
		{"empty elements", "10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: 1.2.3.4, ,, 10.0.0.9 ,\t,\r\n", "1.2.3.4"},
		{"garbage ends the search", "10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: 1.2.3.4, unknown, 10.0.0.9\r\n", "10.0.0.9"},
		{"garbage at the end", "10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: 1.2.3.4, x\r\n", "10.0.0.1"},
		{"a thousand", "10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: " + thousand + "5.6.7.8\r\n", "5.6.7.8"},
		{"ports", "10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: [2001:db9::1]:443, 10.0.0.9:80, [2001:db8::1]\r\n", "2001:db9::1"},
		{"port 0", "10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: 1.2.3.4:0\r\n", "10.0.0.1"},
		{"a zone", "10.0.0.1", "X-Forwarded-For", true, "X-Forwarded-For: fe80::1%eth0\r\n", "10.0.0.1"},

		{"RFC 7239 section 4", "10.0.0.1", "Forwarded", false, "Forwarded: for=192.0.2.60;proto=http;by=203.0.113.43\r\n", "192.0.2.60"},
		{"RFC 7239, IPv6", "10.0.0.1", "Forwarded", false, "Forwarded: For=\"[2001:db8:cafe::17]:4711\"\r\n", "2001:db8:cafe::17"},
		{"RFC 7239, a list", "10.0.0.1", "Forwarded", true, "Forwarded: for=192.0.2.43, for=\"[2001:db8:cafe::17]\"\r\n", "192.0.2.43"},
		{"obfuscated", "10.0.0.1", "Forwarded", true, "Forwarded: for=1.2.3.4, for=\"_gazonk\"\r\n", "10.0.0.1"},
		{"unknown", "10.0.0.1", "Forwarded", true, "Forwarded: for=1.2.3.4, for=unknown, for=10.0.0.9\r\n", "10.0.0.9"},
		{"an obfuscated port", "10.0.0.1", "Forwarded", true, "Forwarded: for=\"1.2.3.4:_p-1\"\r\n", "1.2.3.4"},
		{"a comma in quotes", "10.0.0.1", "Forwarded", true, "Forwarded: for=1.2.3.4;x=\"a, for=6.6.6.6\"\r\n", "1.2.3.4"},
		{"escapes in quotes", "10.0.0.1", "Forwarded", true, "Forwarded: for=6.6.6.6, x=\"\\\\\\\", for=7.7.7.7, \";for=1.2.3.4\r\n", "1.2.3.4"},
		{"a quote left open by a client", "10.0.0.1", "Forwarded", true, "Forwarded: for=\"6.6.6.6, for=1.2.3.4, for=10.0.0.9\r\n", "1.2.3.4"},
		{"empty pairs", "10.0.0.1", "Forwarded", true, "Forwarded: ;for=1.2.3.4;;proto=http;\r\n", "1.2.3.4"},
		{"no for", "10.0.0.1", "Forwarded", true, "Forwarded: for=1.2.3.4, proto=http\r\n", "10.0.0.1"},
		{"two of them", "10.0.0.1", "Forwarded", true, "Forwarded: for=1.2.3.4;for=1.2.3.4\r\n", "10.0.0.1"},
		{"a port without quotes", "10.0.0.1", "Forwarded", true, "Forwarded: for=1.2.3.4:80\r\n", "10.0.0.1"},
		{"IPv4 in brackets", "10.0.0.1", "Forwarded", true, "Forwarded: for=\"[1.2.3.4]\"\r\n", "10.0.0.1"},
		{"garbage behind quotes", "10.0.0.1", "Forwarded", true, "Forwarded: for=\"1.2.3.4\"x\r\n", "10.0.0.1"},
		{"garbage", "10.0.0.1", "Forwarded", true, "Forwarded: =,;\"\\,for=\r\n", "10.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &RealIP{From: append(from, "unix:"), Header: c.header, Recursive: c.recursive}
			l := newLoopback(t, echo(showIP, m), c.peer, "GET / HTTP/1.1\r\nHost: a\r\n"+c.fields)
			ctx := l.run(t)
			if got := bodyText(ctx); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			ctx.Reset()
		})
	}
}

func TestRealIPTrustsWhoItIsTold(t *testing.T) {
	fields := "GET / HTTP/1.1\r\nHost: a\r\nX-Real-IP: 1.2.3.4\r\n"
	proxied := func(c *pipeline.Ctx) string {
		if FromProxy(c) {
			return "proxied " + showIP(c)
		}
		return showIP(c)
	}
	for _, c := range []struct {
		from []string
		peer string
		want string
	}{
		{nil, "10.0.0.1", "10.0.0.1"},
		{[]string{"10.0.0.1"}, "", "unix:"},
		{[]string{"unix:"}, "10.0.0.1", "10.0.0.1"},
		{[]string{"unix:"}, "", "proxied 1.2.3.4"},
		{[]string{"10.0.0.1/8"}, "10.9.9.9", "proxied 1.2.3.4"},
	} {
		l := newLoopback(t, echo(proxied, &RealIP{From: c.from}), c.peer, fields)
		if got := bodyText(l.run(t)); got != c.want {
			t.Errorf("%v, %q: %s, want %s", c.from, c.peer, got, c.want)
		}
	}
	compileError(t, `"10.0.0.0/99" is neither`, &RealIP{From: []string{"10.0.0.0/99"}})
	compileError(t, `"fe80::1%eth0" is neither`, &RealIP{From: []string{"fe80::1%eth0"}})
	compileError(t, `is no field name`, &RealIP{From: []string{"unix:"}, Header: "X Y"})
}

// What a server before the application has found is the client, unless RealIP finds another one.
func TestClientIPOfTheServer(t *testing.T) {
	told := func(c *pipeline.Ctx) error {
		c.SetClient(netip.MustParseAddrPort("[::ffff:198.51.100.4]:0"))
		return nil
	}
	for _, c := range []struct {
		from []string
		want string
	}{{nil, "198.51.100.4"}, {[]string{"10.0.0.0/8"}, "1.2.3.4"}} {
		l := newLoopback(t, echo(showIP, requestHook(told), &RealIP{From: c.from}), "10.0.0.1", "GET / HTTP/1.1\r\nHost: a\r\nX-Real-IP: 1.2.3.4\r\n")
		if got := bodyText(l.run(t)); got != c.want {
			t.Errorf("%v: %s, want %s", c.from, got, c.want)
		}
	}
}

type requestHook func(c *pipeline.Ctx) error

func (h requestHook) ProcessRequest(c *pipeline.Ctx) error { return h(c) }

// FuzzRealIP puts what a client may send in front of what two trusted proxies add. Whatever it is, the address is the one
// that the first of them saw; and the list alone, from a peer that is not trusted, is not looked at.
func FuzzRealIP(f *testing.F) {
	for _, s := range []string{"", "1.2.3.4", `for="[::1]:80";by=_x, for=unknown`, `for="`, `"`, `\`, `for="\`, ", ,", "for=1.2.3.4;for=1.2.3.4", "[::1", "::1%eth0", `x="\\\"`} {
		f.Add(s)
	}
	const seen = "198.51.100.7"
	requests := map[string]*loopback{}
	for _, header := range []string{"X-Forwarded-For", "Forwarded", "X-Other"} {
		m := &RealIP{From: []string{"10.0.0.0/8"}, Recursive: true, Header: header}
		requests[header] = newLoopback(f, echo(showIP, m), "", "")
	}
	f.Fuzz(func(t *testing.T, sent string) {
		if len(sent) > 1000 {
			return // the lines and the head of a request are bounded
		}
		for _, b := range []byte(sent) {
			if b < ' ' && b != '\t' || b == 0x7f {
				return // the parser refuses it
			}
		}
		for header, l := range requests {
			added := ", " + seen + ", 10.0.0.2:80"
			if header == "Forwarded" {
				added = `, for=` + seen + `;by="_p", for="10.0.0.2:80"`
			}
			for _, c := range []struct{ peer, fields, want string }{
				{"10.0.0.1", header + ": " + sent + added, seen},
				{"10.0.0.1", header + ": " + sent + "\r\n" + header + ": " + added[2:], seen},
				{"11.0.0.1", header + ": " + sent, "11.0.0.1"},
			} {
				l.peer.remote = netip.AddrPortFrom(netip.MustParseAddr(c.peer), 1)
				l.head = []byte("GET / HTTP/1.1\r\nHost: a\r\n" + c.fields + "\r\n\r\n")
				ctx := l.run(t)
				if got := bodyText(ctx); got != c.want {
					t.Errorf("%q from %s: %s, want %s", c.fields, c.peer, got, c.want)
				}
				ctx.Reset()
			}
		}
	})
}

// FuzzAddressList compares the walk with the shortest one that can be written: split, take from the right.
func FuzzAddressList(f *testing.F) {
	for _, s := range []string{"1.2.3.4", "1.2.3.4, 10.0.0.1", "10.0.0.1 10.0.0.2", "[::1]:80,10.0.0.1", "10.0.0.1,,", "x, 10.0.0.1", "1.2.3.4:99999", "::ffff:10.0.0.1", "[10.0.0.1]", ":", "10.0.0.1:"} {
		f.Add(s)
	}
	m := &RealIP{From: []string{"10.0.0.0/8"}, Recursive: true, Header: "X-Forwarded-For"}
	if err := m.Load(nil); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, list string) {
		want := netip.Addr{}
		parts := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
		for i := len(parts) - 1; i >= 0; i-- {
			a, ok := naiveNode(parts[i])
			if !ok {
				break
			}
			if want = a; !netip.MustParsePrefix("10.0.0.0/8").Contains(a) {
				break
			}
		}
		got := netip.Addr{}
		for rest := []byte(list); ; {
			var elem []byte
			if elem, rest = m.last(rest); len(elem) == 0 {
				break
			}
			a, ok := m.address(elem)
			if !ok {
				break
			}
			if got = a; !m.trusts(a) {
				break
			}
		}
		if got != want {
			t.Errorf("%q: %v, want %v", list, got, want)
		}
	})
}

// naiveNode reads an address by what net/netip has.
func naiveNode(s string) (netip.Addr, bool) {
	if strings.Contains(s, "%") {
		return netip.Addr{}, false
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Unmap(), true
	}
	if inner, ok := strings.CutPrefix(s, "["); ok && strings.HasSuffix(s, "]") {
		a, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		return a.Unmap(), err == nil && a.Is6()
	}
	if at := strings.LastIndex(s, ":_"); at > 0 && isToken([]byte(s[at+2:])) {
		s = s[:at] + ":1"
	}
	a, err := netip.ParseAddrPort(s)
	return a.Addr().Unmap(), err == nil && a.Port() != 0
}
