package proxyproto

import (
	"strings"
	"testing"
)

// v2 makes a header of version 2.
func v2(versionCommand, familyTransport byte, body string) string {
	return "\r\n\r\n\x00\r\nQUIT\n" + string([]byte{versionCommand, familyTransport, byte(len(body) >> 8), byte(len(body))}) + body
}

const (
	ends4 = "\xc0\x00\x02\x01\xc0\x00\x02\x02\x00\x7b\x16\x2e"
	ends6 = "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x7b\x16\x2e"
)

// headers are what is read: the source and destination, "" for none of them.
var headers = []struct{ in, source, destination string }{
	{"PROXY TCP4 192.0.2.1 192.0.2.2 123 5678\r\n", "192.0.2.1:123", "192.0.2.2:5678"},
	{"PROXY TCP6 2001:Db8::1 2001:Db8::2 123 5678\r\n", "[2001:db8::1]:123", "[2001:db8::2]:5678"},
	{"PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n", "0.0.0.0:0", "255.255.255.255:65535"},
	{"PROXY UNKNOWN\r\n", "", ""},
	{"PROXY UNKNOWN 1 2 3 4 5 6\r\n", "", ""},
	{v2(0x21, 0x11, ends4), "192.0.2.1:123", "192.0.2.2:5678"},
	{v2(0x21, 0x21, ends6), "[2001:db8::1]:123", "[2001:db8::2]:5678"},
	{v2(0x21, 0x11, ends4+"\x01\x00\x02h2"), "192.0.2.1:123", "192.0.2.2:5678"},
	{v2(0x20, 0x11, ends4), "", ""},  // LOCAL: the proxy itself
	{v2(0x21, 0x12, ends4), "", ""},  // datagrams
	{v2(0x21, 0x31, "/a/b"), "", ""}, // unix sockets
	{v2(0x21, 0x00, ""), "", ""},
}

func TestParse(t *testing.T) {
	for _, x := range headers {
		for cut := 1; cut < len(x.in); cut++ {
			if h, n, err := Parse([]byte(x.in[:cut])); n != 0 || err != nil || h != nil {
				t.Errorf("%q after %d bytes: %v %d %v", x.in, cut, h, n, err)
			}
		}
		h, n, err := Parse([]byte(x.in + "GET / HTTP/1.0\r\n"))
		if err != nil || n != len(x.in) {
			t.Errorf("%q: %d bytes, %v", x.in, n, err)
			continue
		}
		source, destination := h.Source.String(), h.Destination.String()
		if x.source == "" && (h.Source.IsValid() || h.Destination.IsValid()) || x.source != "" && (source != x.source || destination != x.destination) {
			t.Errorf("%q: from %s to %s", x.in, source, destination)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"GET / HTTP/1.1\r\nHost: h\r\n\r\n":               `broken header: "GET / HTTP/1.1"`,
		"PROXY TCP4 192.0.2.1 192.0.2.2 123\r\n":          `broken header: "PROXY TCP4 192.0.2.1 192.0.2.2 123"`,
		"PROXY TCP5 192.0.2.1 192.0.2.2 123 5678\r\n":     "broken header",
		"PROXY TCP4 192.0.2.1 192.0.2.2 123 65536\r\n":    "broken header",
		"PROXY TCP4 192.0.2.1 192.0.2.2 -1 1\r\n":         "broken header",
		"PROXY TCP4  192.0.2.1 192.0.2.2 1 1\r\n":         "broken header",
		"PROXY TCP6 fe80::1%lo 2001:db8::2 1 1\r\n":       "broken header",
		"PROXY TCP4 a b 1 1\r\n":                          "broken header",
		"PROXY TCP4 192.0.2.1 192.0.2.2 123 5678\n":       "", // not at its end
		"PROXY UNKNOWN " + strings.Repeat("x", 107):       "broken header",
		v2(0x31, 0x11, ends4):                             "unknown PROXY protocol version: 3",
		v2(0x21, 0x11, ends4[:11]):                        "header without addresses",
		v2(0x21, 0x21, ends4):                             "header without addresses",
		v2(0x21, 0x11, strings.Repeat("x", 4097-16))[:20]: "header is too large",
		"\r\n\r\n\x00\r\nQUIX\n":                          "broken header",
	} {
		_, n, err := Parse([]byte(in))
		if n != 0 || want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %d bytes, %v", in, n, err)
		}
	}
}

func TestTLV(t *testing.T) {
	ssl := "\x01\x00\x00\x00\xff" + "\x21\x00\x07TLSv1.2" + "\x22\x00\x02cn" + "\x23\x00\x01c" + "\x24\x00\x01s" + "\x25\x00\x01k"
	tlvs := "\x01\x00\x02h2" + "\x02\x00\x04host" + "\x03\x00\x004"[:3] + "\x05\x00\x01u" + "\x20\x00" + string([]byte{byte(len(ssl))}) + ssl + "\x30\x00\x02ns" + "\xae\x00\x01x"
	h, _, err := Parse([]byte(v2(0x21, 0x11, ends4+tlvs)))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"alpn": "h2", "authority": "host", "0x02": "host", "0x00002": "host", "unique_id": "u", "netns": "ns", "0xae": "x", "0xAE": "x", "0x3": "",
		"ssl_verify": "255", "ssl_version": "TLSv1.2", "ssl_cn": "cn", "ssl_cipher": "c", "ssl_sig_alg": "s", "ssl_key_alg": "k", "ssl_0x22": "cn", "ssl": ssl,
	} {
		if got, ok, err := h.TLV(name); string(got) != want || !ok || err != nil {
			t.Errorf("%s: %q %v %v", name, got, ok, err)
		}
	}
	for name, want := range map[string]string{"0x0e": "", "ssl_0x0e": "", "nonsense": "unknown PROXY", "ssl_nonsense": "unknown PROXY", "0xg": "invalid PROXY", "0x": "invalid PROXY"} {
		if _, ok, err := h.TLV(name); ok || want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v %v", name, ok, err)
		}
	}
	for _, tlvs := range []string{"\x01", "\x01\x00", "\x01\x00\x02h", "\x20\x00\x04\x01\x00\x00\x00"} {
		h := &Header{tlvs: []byte(tlvs)}
		if _, ok, err := h.TLV("ssl_verify"); ok || err == nil {
			t.Errorf("%q: %v %v", tlvs, ok, err)
		}
	}
	if _, ok, err := new(Header).TLV("alpn"); ok || err != nil {
		t.Error("an element of nothing")
	}
}

// What is read does not depend on what follows, and never reaches behind the input.
func FuzzParse(f *testing.F) {
	for _, x := range headers {
		f.Add([]byte(x.in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		h, n, err := Parse(in)
		if n < 0 || n > len(in) || (n > 0) != (h != nil) || n > 0 && err != nil {
			t.Fatalf("%v %d %v", h, n, err)
		}
		if n == 0 {
			return
		}
		for _, name := range []string{"alpn", "ssl_verify", "ssl_cn", "0x00"} {
			_, _, _ = h.TLV(name)
		}
		again, m, err := Parse(append(in[:n:n], "GET"...))
		if err != nil || m != n || again.Source != h.Source || again.Destination != h.Destination {
			t.Fatalf("%v and %v", h, again)
		}
	})
}
