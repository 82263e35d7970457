package uwsgi

import (
	"strings"
	"testing"
)

func packet(modifier1, modifier2 byte, params [][2]string) []byte {
	dst := Open([]byte("x"), modifier1, modifier2)
	for _, p := range params {
		at := len(dst)
		dst = append(OpenParam(dst, p[0]), p[1]...)
		dst = CloseParam(dst, at)
	}
	dst, err := Close(dst, 1)
	if err != nil {
		panic(err)
	}
	return dst[1:]
}

func TestPacketBytes(t *testing.T) {
	long := strings.Repeat("v", 300)
	for _, c := range []struct {
		name                 string
		modifier1, modifier2 byte
		params               [][2]string
		want                 string
	}{
		{"nothing", 0, 0, nil, "\x00\x00\x00\x00"},
		{"modifiers", 5, 7, [][2]string{{"A", "bc"}}, "\x05\x07\x00\x07" + "\x01\x00A\x02\x00bc"},
		{"an empty value", 0, 0, [][2]string{{"AB", ""}, {"C", "d"}}, "\x00\x0c\x00\x00" + "\x02\x00AB\x00\x00" + "\x01\x00C\x01\x00d"},
		{"a long value", 0, 0, [][2]string{{"A", long}}, "\x00\x31\x01\x00" + "\x01\x00A\x2c\x01" + long},
		{"a long name", 0, 0, [][2]string{{long, "v"}}, "\x00\x31\x01\x00" + "\x2c\x01" + long + "\x01\x00v"},
	} {
		if got := packet(c.modifier1, c.modifier2, c.params); string(got) != c.want {
			t.Errorf("%s:\n%q\n%q", c.name, got, c.want)
		}
		dst := Open(nil, c.modifier1, c.modifier2)
		for _, p := range c.params {
			dst = AppendParam(dst, p[0], p[1])
		}
		if got, err := Close(dst, 0); string(got) != c.want || err != nil {
			t.Errorf("%s, whole: %q, %v", c.name, got, err)
		}
	}
	got := CloseParam(append(OpenField(nil, []byte("X-Real-Ip")), "::1"...), 0)
	if want := "\x0e\x00HTTP_X_REAL_IP\x03\x00::1"; string(got) != want {
		t.Errorf("%q", got)
	}
}

func TestPacketSize(t *testing.T) {
	for n, want := range map[int]string{
		MaxPacket: "", MaxPacket + 1: "uwsgi request is too big: 65536", 70000: "uwsgi request is too big: 70000", 200000: "uwsgi request is too big: 200000",
	} {
		dst := Open(nil, 0, 0)
		dst = append(OpenParam(dst, "N"), make([]byte, n-5)...)
		dst = CloseParam(dst, HeaderSize)
		_, err := Close(dst, 0)
		if got := ""; err != nil {
			if got = err.Error(); got != want {
				t.Errorf("%d: %s", n, got)
			}
		} else if want != "" {
			t.Errorf("%d: no error", n)
		}
	}
	dst := append(OpenParam(Open(nil, 0, 0), strings.Repeat("N", 70000)), "v"...)
	if _, err := Close(CloseParam(dst, HeaderSize), 0); err == nil {
		t.Error("a name of 70000 bytes")
	}
}
