package resolver

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

func srv(name string, priority, weight, port uint16, host string) dnsmessage.Resource {
	return rr(name, 60, &dnsmessage.SRVResource{Priority: priority, Weight: weight, Port: port, Target: dnsmessage.MustNewName(host + ".")})
}

func serviceZone(q asked) [][]byte {
	if q.kind != dnsmessage.TypeSRV {
		return zone(q)
	}
	switch q.name {
	case "_http._tcp.s.example":
		return msg(q, 0, srv(q.name, 20, 0, 81, "four.example"), srv(q.name, 10, 5, 80, "six.example"), srv(q.name, 30, 5, 82, "nx.example"))
	case "a.b.s.example":
		return msg(q, 0, cname(q.name, "_http._tcp.s.example", 60))
	case "_none._tcp.s.example":
		return msg(q, 0, srv(q.name, 1, 1, 80, "servfail.example"), srv(q.name, 1, 1, 80, "nx.example"))
	case "_same._tcp.s.example":
		return msg(q, 0, srv(q.name, 1, 3, 80, "four.example"), srv(q.name, 1, 1, 80, "six.example"))
	}
	return msg(q, 3)
}

func TestServices(t *testing.T) {
	f := newFake(t, serviceZone)
	r := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}})
	for _, c := range []struct{ service, name, want string }{
		{"http", "s.example", "six.example=[2001:db8::6]:80/10/5 four.example=192.0.2.4:81/20/1"},
		{"a.b", "S.Example.", "six.example=[2001:db8::6]:80/10/5 four.example=192.0.2.4:81/20/1"},
		{"none", "s.example", "_none._tcp.s.example could not be resolved (3: Host not found)"},
		{"ftp", "s.example", "_ftp._tcp.s.example could not be resolved (3: Host not found)"},
	} {
		res := wait(t, func(done func(Result)) { r.LookupService(c.service, c.name, time.Minute, done) })
		if got := text(res); got != c.want {
			t.Errorf("%s of %s: %s", c.service, c.name, got)
		}
	}
	first := 0
	for range 400 {
		res := wait(t, func(done func(Result)) { r.LookupService("same", "s.example", time.Minute, done) })
		if len(res.Services) != 2 || res.Services[0].Name == res.Services[1].Name {
			t.Fatal(text(res))
		}
		if res.Services[0].Name == "four.example" {
			first++
		}
	}
	if first < 260 || first > 340 {
		t.Errorf("of weight 3 and 1 the first is chosen %d times of 400", first)
	}
	if s := r.Stats(); s.Services == 0 || s.Names == 0 {
		t.Errorf("%+v", s)
	}
}

func TestAddresses(t *testing.T) {
	const six = "6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
	f := newFake(t, func(q asked) [][]byte {
		ptr := func(name string) [][]byte {
			return msg(q, 0, rr(q.name, 60, &dnsmessage.PTRResource{PTR: dnsmessage.MustNewName(name)}))
		}
		switch {
		case q.kind != dnsmessage.TypePTR:
			return msg(q, 2)
		case q.name == "4.2.0.192.in-addr.arpa":
			return msg(q, 0, cname(q.name, "4.sub.2.0.192.in-addr.arpa", 60)) // RFC 2317
		case q.name == "4.sub.2.0.192.in-addr.arpa":
			return ptr("Four.Example.")
		case q.name == six:
			return ptr("six.example.")
		}
		return msg(q, 3)
	})
	r := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}})
	for addr, want := range map[string]string{
		"192.0.2.4": "four.example", "::ffff:192.0.2.4": "four.example", "2001:db8::6": "six.example",
		"192.0.2.5": "192.0.2.5 could not be resolved (3: Host not found)",
	} {
		res := wait(t, func(done func(Result)) { r.LookupAddr(netip.MustParseAddr(addr), time.Minute, done) })
		got := res.Name
		if res.Err != nil {
			got = res.Err.Error()
		}
		if got != want || strings.Contains(got, "arpa") {
			t.Errorf("%s: %s", addr, got)
		}
	}
	if s := r.Stats(); s.Addresses == 0 || s.Names != 0 {
		t.Errorf("%+v", s)
	}
}
