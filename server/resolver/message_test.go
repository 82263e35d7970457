package resolver

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

func TestNewQuery(t *testing.T) {
	q := newQuery("www.example", dnsmessage.TypeAAAA)
	want := string([]byte{byte(q.id >> 8), byte(q.id), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}) + "\x03www\x07example\x00\x00\x1c\x00\x01"
	if string(q.wire) != want {
		t.Errorf("%q", q.wire)
	}
	longest := strings.Repeat("a23456789.", 25) + "abc"
	for name, ok := range map[string]bool{longest: true, longest + "d": false, strings.Repeat("a", 63): true, strings.Repeat("a", 64): false, "": false, ".": false, "a..b": false, ".a": false} {
		if got := newQuery(name, dnsmessage.TypeA) != nil; got != ok {
			t.Errorf("%q of %d bytes: %v", name, len(name), got)
		}
	}
}

func seeds() (all [][]byte) {
	for _, name := range []string{"a.example", "alias.example", "both.example", "rest.example", "nx.example", "family.example", "empty.example"} {
		for _, kind := range []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA} {
			all = append(all, zone(asked{id: 7, name: name, kind: kind})...)
		}
	}
	for _, name := range []string{"_http._tcp.s.example", "a.b.s.example"} {
		all = append(all, serviceZone(asked{id: 7, name: name, kind: dnsmessage.TypeSRV})...)
	}
	loop := msg(asked{id: 7, name: "a.example", kind: dnsmessage.TypeA}, 0)[0]
	loop[7] = 1 // one answer, whose name points to itself
	return append(all, append(loop, 0xc0, 27, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 1, 2, 3, 4))
}

// A pointer that points to itself ends, and every message that is cut short is refused.
func TestBrokenMessages(t *testing.T) {
	all := seeds()
	loop := all[len(all)-1]
	q := newQuery("a.example", dnsmessage.TypeA)
	q.id = 7
	m, err := match(loop, false, []*query{q})
	if err == nil {
		err = m.read()
	}
	if err == nil || q.answered {
		t.Error("a pointer to itself is a name")
	}
	whole := zone(asked{id: 7, name: "a.example", kind: dnsmessage.TypeA})[0]
	for n := range whole {
		if m, err := match(whole[:n], false, []*query{q}); err == nil && m.read() == nil {
			t.Errorf("%d bytes of %d are an answer", n, len(whole))
		}
	}
	if m, err := match(whole, false, []*query{q}); err != nil || m.read() != nil || len(q.answer.addrs) != 2 {
		t.Errorf("the whole is none: %v", err)
	}
}

// Whatever a name server sends: what is taken for an answer holds the addresses that a full parser finds in it, and no
// others.
func FuzzAnswer(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s, "a.example", uint8(0))
	}
	f.Fuzz(func(t *testing.T, message []byte, name string, kind uint8) {
		types := []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA, dnsmessage.TypeSRV, dnsmessage.TypePTR}
		q := newQuery(plain(name), types[kind%4])
		if q == nil || len(message) < 2 {
			return
		}
		q.id = uint16(message[0])<<8 | uint16(message[1])
		m, err := match(message, kind&4 != 0, []*query{q})
		if err != nil || m.read() != nil {
			if q.answered {
				t.Fatal("refused and answered")
			}
			return
		}
		a := q.answer
		if !q.answered || a.ttl < 0 || a.ttl > maxTTL || a.code == FormatError || a.code > Refused {
			t.Fatalf("%+v", q)
		}
		var full dnsmessage.Message
		if full.Unpack(message) != nil {
			return // its other sections are broken, which do not matter
		}
		var want []netip.Addr
		for _, r := range full.Answers {
			switch b := r.Body.(type) {
			case *dnsmessage.AResource:
				want = append(want, netip.AddrFrom4(b.A))
			case *dnsmessage.AAAAResource:
				want = append(want, netip.AddrFrom16(b.AAAA))
			}
		}
		if a.code != 0 {
			want = nil
		}
		if !slices.Equal(a.addrs, want) {
			t.Errorf("%v, want %v", a.addrs, want)
		}
	})
}
