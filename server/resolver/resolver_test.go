package resolver

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// zone is what a well-behaved fake knows, and what it says that is not well-behaved before it answers.
func zone(q asked) [][]byte {
	a := func(all ...string) [][]byte { return msg(q, 0, addrs(q, 3600, all...)...) }
	bad := func(change func(b []byte)) [][]byte {
		b := a("192.0.2.9")[0]
		change(b)
		return append([][]byte{b}, a("192.0.2.1")...)
	}
	switch q.name {
	case "a.example":
		return a("192.0.2.1", "192.0.2.2", "2001:db8::1")
	case "four.example":
		return a("192.0.2.4")
	case "six.example":
		return a("2001:db8::6")
	case "servfail.example":
		return msg(q, 2)
	case "half.example": // one family fails
		if q.kind == dnsmessage.TypeAAAA {
			return msg(q, 2)
		}
		return a("192.0.2.1")
	case "notimp.example":
		return msg(q, 4)
	case "refused.example":
		return msg(q, 5)
	case "empty.example":
		return msg(q, 0)
	case "alias.example":
		return msg(q, 0, cname(q.name, "Alias2.Example", 60))
	case "alias2.example":
		return msg(q, 0, cname(q.name, "a.example", 30))
	case "both.example":
		return msg(q, 0, append([]dnsmessage.Resource{cname(q.name, "x.example", 20)}, addrs(q, 3600, "192.0.2.7")...)...)
	case "half-alias.example": // a CNAME of IPv4 alone
		if q.kind == dnsmessage.TypeAAAA {
			return msg(q, 0)
		}
		return msg(q, 0, cname(q.name, "six.example", 60))
	case "loop.example":
		return msg(q, 0, cname(q.name, "loop2.example", 60))
	case "loop2.example":
		return msg(q, 0, cname(q.name, "loop.example", 60))
	case "dangling.example":
		return msg(q, 0, cname(q.name, "nx.example", 60))
	case "id.example":
		return bad(func(b []byte) { b[1]++ })
	case "query.example":
		return bad(func(b []byte) { b[2] &^= 0x80 })
	case "opcode.example":
		return bad(func(b []byte) { b[2] |= 0x10 })
	case "formerr.example":
		return bad(func(b []byte) { b[3] |= 1 })
	case "code.example":
		return bad(func(b []byte) { b[3] |= 9 })
	case "other.example":
		other := q
		other.name = "another.example"
		return append(msg(other, 3), a("192.0.2.1")...)
	case "short.example":
		return append([][]byte{{1, 2, 3}, {}}, a("192.0.2.1")...)
	case "family.example":
		other := asked{id: q.id, name: q.name, kind: dnsmessage.TypeA + dnsmessage.TypeAAAA - q.kind}
		return append(msg(q, 0, addrs(other, 60, "192.0.2.9", "::9")...), a("192.0.2.1")...)
	case "cut.example":
		b := msg(q, 0)[0]
		if q.tcp {
			return a("192.0.2.1")
		}
		b[2] |= 2
		return [][]byte{b}
	case "rest.example": // records of other types
		return msg(q, 0, append(addrs(q, 60, "192.0.2.1"), rr(q.name, 50, &dnsmessage.TXTResource{TXT: []string{"x"}}))...)
	}
	return msg(q, 3)
}

func TestNames(t *testing.T) {
	f := newFake(t, zone)
	var mu sync.Mutex
	logged := ""
	r := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}, Log: func(m string) {
		mu.Lock()
		defer mu.Unlock()
		logged += m + "\n"
	}})
	for _, c := range []struct{ name, want, log string }{
		{"a.example", "192.0.2.1 192.0.2.2 2001:db8::1", ""},
		{"A.Example.", "192.0.2.1 192.0.2.2 2001:db8::1", ""},
		{"four.example", "192.0.2.4", ""},
		{"six.example", "2001:db8::6", ""},
		{"192.0.2.200", "192.0.2.200", ""},
		{"::1", "::1", ""},
		{"nx.example", "nx.example could not be resolved (3: Host not found)", ""},
		{"servfail.example", "servfail.example could not be resolved (2: Server failure)", ""},
		{"half.example", "half.example could not be resolved (2: Server failure)", ""},
		{"notimp.example", "notimp.example could not be resolved (4: Unimplemented)", ""},
		{"refused.example", "refused.example could not be resolved (5: Operation refused)", ""},
		{"empty.example", "empty.example could not be resolved (3: Host not found)", ""},
		{"", " could not be resolved (3: Host not found)", ""},
		{"a..example", "a..example could not be resolved (3: Host not found)", ""},
		{strings.Repeat("a", 64) + ".example", strings.Repeat("a", 64) + ".example could not be resolved (3: Host not found)", ""},
		{strings.Repeat("a.", 200), strings.TrimSuffix(strings.Repeat("a.", 200), ".") + " could not be resolved (3: Host not found)", ""},
		{"alias.example", "192.0.2.1 192.0.2.2 2001:db8::1", ""},
		{"both.example", "192.0.2.7", ""},
		{"dangling.example", "dangling.example could not be resolved (3: Host not found)", ""},
		{"half-alias.example", "half-alias.example could not be resolved (3: Host not found)", ""},
		{"loop.example", "loop.example could not be resolved (3: Host not found)", ""},
		{"id.example", "192.0.2.1", "wrong ident"},
		{"query.example", "192.0.2.1", "invalid DNS response"},
		{"opcode.example", "192.0.2.1", "invalid DNS response"},
		{"formerr.example", "192.0.2.1", "DNS error (1: Format error), query id:"},
		{"code.example", "192.0.2.1", "DNS error (9: Unknown error), query id:"},
		{"other.example", "192.0.2.1", "unexpected DNS response for another.example"},
		{"short.example", "192.0.2.1", "short DNS response"},
		{"family.example", "192.0.2.1", "unexpected AAAA record in DNS response"},
		{"cut.example", "192.0.2.1", ""},
		{"rest.example", "192.0.2.1", ""},
	} {
		mu.Lock()
		logged = ""
		mu.Unlock()
		if got := text(look(t, r, c.name)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		mu.Lock()
		if !strings.Contains(logged, c.log) || c.log == "" && logged != "" {
			t.Errorf("%s: logged %q", c.name, logged)
		}
		mu.Unlock()
	}
	if s := r.Stats(); s.Names == 0 || s.HostNotFound == 0 || s.FormatError != 2 || s.Unknown == 0 || s.ServerFailure != 3 || s.Unimplemented != 2 || s.Refused != 2 || s.NoError == 0 {
		t.Errorf("%+v", s)
	}
}

// text is a Result as it reads in the tables; its addresses are sorted, since they are rotated.
func text(res Result) string {
	if res.Err != nil {
		return res.Err.Error()
	}
	var all []string
	for _, a := range slices.SortedFunc(slices.Values(res.Addrs), netip.Addr.Compare) {
		all = append(all, a.String())
	}
	for _, s := range res.Services {
		all = append(all, fmt.Sprintf("%s=%s/%d/%d", s.Name, s.Addr, s.Priority, s.Weight))
	}
	return strings.Join(all, " ")
}

func TestFamilies(t *testing.T) {
	f := newFake(t, zone)
	for want, cfg := range map[string]Config{
		"192.0.2.1 192.0.2.2": {NoIPv6: true}, "2001:db8::1": {NoIPv4: true},
	} {
		cfg.Servers = []netip.AddrPort{f.addr}
		if got := text(look(t, newResolver(t, cfg), "a.example")); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if n := len(f.queries()); n != 2 {
		t.Errorf("%d queries", n)
	}
	for want, cfg := range map[string]Config{
		`"ipv4" and "ipv6" cannot both be "off"`: {NoIPv4: true, NoIPv6: true, Servers: []netip.AddrPort{f.addr}},
		"no name servers defined":                {},
	} {
		if _, err := New(cfg); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Who asks for the same name at the same time waits for the same answer, each with its own timeout.
func TestCoalescing(t *testing.T) {
	gate := make(chan struct{})
	f := newFake(t, func(q asked) [][]byte { <-gate; return msg(q, 0, addrs(q, 60, "192.0.2.1")...) })
	r := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}, NoIPv6: true, Resend: time.Minute})
	results := make(chan Result, 200)
	for i := range 100 {
		timeout := time.Minute
		if i%10 == 9 { // not the first, with which the query would end
			timeout = 20 * time.Millisecond
		}
		r.Lookup([]string{"a.example", "A.example."}[i%2], timeout, func(res Result) { results <- res })
	}
	count := map[string]int{}
	for range 10 {
		count[text(<-results)]++
	}
	close(gate)
	for range 90 {
		count[text(<-results)]++
	}
	if count["192.0.2.1"] != 90 || count["a.example could not be resolved (110: Operation timed out)"] != 10 {
		t.Error(count)
	}
	if n := len(f.queries()); n != 1 {
		t.Errorf("%d queries", n)
	}
	if s := r.Stats(); s.TimedOut != 10 || s.Names != 1 {
		t.Errorf("%+v", s)
	}
	select {
	case res := <-results:
		t.Errorf("called twice: %v", res)
	case <-time.After(20 * time.Millisecond):
	}
}

// Ids and source ports cannot be guessed (RFC 5452).
func TestRandom(t *testing.T) {
	f := newFake(t, zone)
	r := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}})
	for i := range 20 {
		look(t, r, fmt.Sprintf("n%d.example", i))
	}
	ids, ports := map[uint16]bool{}, map[string]bool{}
	for _, q := range f.queries() {
		ids[q.id], ports[q.from.String()] = true, true
	}
	if len(ids) < 38 || len(ports) < 15 {
		t.Errorf("%d ids, %d source ports", len(ids), len(ports))
	}
}

func TestClose(t *testing.T) {
	f := newFake(t, func(asked) [][]byte { return nil })
	r := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}})
	var n atomic.Int32
	c := make(chan Result, 2)
	r.Lookup("a", time.Minute, func(res Result) { n.Add(1); c <- res })
	r.Close()
	r.Close()
	r.Lookup("b", time.Minute, func(res Result) { n.Add(1); c <- res })
	for range 2 {
		if res := <-c; !strings.Contains(text(res), "(110: Operation timed out)") {
			t.Error(text(res))
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pending) != 0 || n.Load() != 2 {
		t.Errorf("%d questions, %d callbacks", len(r.pending), n.Load())
	}
}

func TestTooManyQuestions(t *testing.T) {
	f := newFake(t, func(asked) [][]byte { return nil })
	r := newResolver(t, Config{Servers: []netip.AddrPort{f.addr}})
	r.mu.Lock()
	for i := range MaxQuestions {
		k := key{hosts, fmt.Sprint(i)}
		r.pending[k] = &question{key: k, cancel: func() {}}
	}
	r.mu.Unlock()
	if got := text(look(t, r, "a")); got != "a could not be resolved (2: Server failure)" {
		t.Error(got)
	}
}
