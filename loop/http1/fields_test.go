package http1

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
)

// Every known name is found in any case, and shares its slot with no other.
func TestLookupField(t *testing.T) {
	slots := map[uint8]FieldID{}
	for id := FieldOther + 1; id < fieldCount; id++ {
		name := id.String()
		if name == "" {
			t.Fatalf("%d has no name", id)
		}
		low := strings.ToLower(name)
		slot := fieldSlot(low[0], low[len(low)/2], low[len(low)-1], len(low))
		if other, taken := slots[slot]; taken {
			t.Errorf("%v and %v share slot %d: search other multipliers", id, other, slot)
		}
		slots[slot] = id
		for _, spelling := range []string{name, low, strings.ToUpper(name)} {
			if got := LookupField([]byte(spelling)); got != id {
				t.Errorf("%q: %v", spelling, got)
			}
		}
		// One wrong byte anywhere is another name; '-' and CR, and letters and signs, differ by the bit of the case.
		for i := range name {
			for _, bit := range []byte{0x20, 0x80, 0x01} {
				b := []byte(low)
				if b[i] ^= bit; bit == 0x20 && low[i] >= 'a' {
					continue
				}
				if got := LookupField(b); got != FieldOther {
					t.Errorf("%q is %v", b, got)
				}
			}
		}
	}
	for _, name := range []string{"", "H", "Hos", "Hostt", "Content_Length", "X-Custom", "\x00\x00\x00\x00"} {
		if got := LookupField([]byte(name)); got != FieldOther {
			t.Errorf("%q is %v", name, got)
		}
	}
	if FieldID(200).String() != "" || FieldOther.String() != "" {
		t.Error("a name for no field")
	}
}

func TestLookupMethod(t *testing.T) {
	for m := MethodGet; m < methodCount; m++ {
		if got := LookupMethod([]byte(m.String())); got != m {
			t.Errorf("%v: %v", m, got)
		}
		if got := LookupMethod([]byte(strings.ToLower(m.String()))); got != MethodOther {
			t.Errorf("lower %v: %v", m, got)
		}
	}
	if Method(99).String() != "OTHER" {
		t.Error("a name for no method")
	}
}

func TestFieldAccess(t *testing.T) {
	b := []byte("GET / HTTP/1.1\r\nHost: a\r\nCookie: 1\r\nX-Y: one\r\ncookie: 2\r\nx-y: two\r\n\r\n")
	lim := DefaultLimits()
	var r Request
	if v := r.Parse(b, &lim); v != Complete {
		t.Fatal(v)
	}
	var cookies []string
	for i := r.Next(Cookie, 0); i >= 0; i = r.Next(Cookie, i+1) {
		cookies = append(cookies, string(r.Fields[i].Value.Of(b)))
	}
	if got := strings.Join(cookies, " "); got != "1 2" {
		t.Errorf("cookies: %q", got)
	}
	if v, ok := r.First(Cookie); !ok || string(v.Of(b)) != "1" {
		t.Errorf("first cookie: %q %v", v.Of(b), ok)
	}
	if _, ok := r.First(Range); ok || r.Has(Range) || r.Next(Range, 0) >= 0 {
		t.Error("a field that was not sent")
	}
	if r.Next(FieldOther, 0) != 2 {
		t.Error("the first unknown field")
	}
	if v, ok := r.Lookup(b, "X-y"); !ok || string(v.Of(b)) != "one" {
		t.Errorf("x-y: %q %v", v.Of(b), ok)
	}
	if v, ok := r.Lookup(b, "COOKIE"); !ok || string(v.Of(b)) != "1" {
		t.Errorf("cookie: %q %v", v.Of(b), ok)
	}
	if _, ok := r.Lookup(b, "X"); ok {
		t.Error("found a name by its beginning")
	}
	if (Span{3, 3}).Empty() != true || (Span{3, 5}).Len() != 2 || cap(Span{0, 2}.Of(b)) != 2 {
		t.Error("span")
	}
}

// The eight-at-once test agrees with the byte-wise one for every byte at every place of a word.
func TestValidValue(t *testing.T) {
	for n := 1; n <= 20; n++ {
		for at := 0; at < n; at++ {
			for c := 0; c < 256; c++ {
				b := bytes.Repeat([]byte{'a'}, n)
				b[at] = byte(c)
				want := c >= 0x20 && c != 0x7f || c == '\t'
				if validValue(b) != want {
					t.Fatalf("%q: %v", b, !want)
				}
				if at > 0 { // what stands before may disturb the subtraction
					b[at-1] = 0xff
					if validValue(b) != want {
						t.Fatalf("%q: %v", b, !want)
					}
				}
			}
		}
	}
}

func TestValidAuthority(t *testing.T) {
	for _, good := range []string{"a", "A.b-c_d~e", "a.", "a%2Eb", "1.2.3.4", "1.2.3", "a:", "a:0", "a:65535", "[::]", "[::1]:80", "[v1.a]", "[V1f.a,b:c]:80", "a!$&'()*+;=b"} {
		if !validAuthority([]byte(good), false) {
			t.Errorf("%q refused", good)
		}
	}
	for _, bad := range []string{":", ":80", "a:99999", "a:1a", "a:+1", "[", "]", "[]", "[::1", "[::1]80", "[::1]:x", "a]", "%", "%4", "a,b", "a b", "[v.a]", "[v1]", "[v1.]", "[vg.a]", "[v1.a", "[v1.a/]", "[v1.a]]"} {
		if validAuthority([]byte(bad), true) {
			t.Errorf("%q accepted", bad)
		}
	}
	if !validAuthority(nil, true) || validAuthority(nil, false) {
		t.Error("the empty authority")
	}
}

// Addresses agree with net/netip, but for zones, which have no place in a URI's host.
func TestValidIPv6(t *testing.T) {
	pieces := []string{"", ":", "::", "1", "abcd", "12345", "1.2.3.4", "1.2.3", "256.1.1.1", "01.2.3.4", "1.2.3.4.5", "g", "1:2:3:4:5:6", "::1:2:3:4:5:6"}
	valid := 0
	for _, a := range pieces {
		for _, b := range pieces {
			for _, c := range pieces {
				s := a + b + c
				addr, err := netip.ParseAddr(s)
				want := err == nil && addr.Is6()
				if validIPv6([]byte(s)) != want {
					t.Errorf("%q: %v", s, !want)
				}
				if want {
					valid++
				}
			}
		}
	}
	if valid < 20 {
		t.Errorf("only %d of the addresses are valid", valid)
	}
}
