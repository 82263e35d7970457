package fastcgi

import (
	"bytes"
	"strings"
	"testing"
)

func request(keepAlive bool, params [][2]string, content string) []byte {
	dst := AppendBegin([]byte("before"), keepAlive)
	start := len(dst)
	dst = OpenParams(dst)
	for _, p := range params {
		at := len(dst)
		dst = OpenParam(dst, p[0])
		dst = append(dst, p[1]...)
		dst = CloseParam(dst, at)
	}
	dst, err := CloseParams(dst, start)
	if err != nil {
		panic(err)
	}
	dst = AppendStdin(dst, []byte(content))
	return AppendStdinEnd(dst)[len("before"):]
}

// The record of section 4 and Appendix B of the specification, by hand.
func TestRequestBytes(t *testing.T) {
	for _, c := range []struct {
		name      string
		keepAlive bool
		params    [][2]string
		content   string
		want      string
	}{
		{"nothing", false, nil, "", "\x01\x01\x00\x01\x00\x08\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00" +
			"\x01\x04\x00\x01\x00\x00\x00\x00" + "\x01\x05\x00\x01\x00\x00\x00\x00"},
		{"a parameter", true, [][2]string{{"A", "bc"}}, "", "\x01\x01\x00\x01\x00\x08\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00" +
			"\x01\x04\x00\x01\x00\x05\x03\x00" + "\x01\x02Abc" + "\x00\x00\x00" +
			"\x01\x04\x00\x01\x00\x00\x00\x00" + "\x01\x05\x00\x01\x00\x00\x00\x00"},
		{"content", false, [][2]string{{"AB", "cdef"}}, "hello", "\x01\x01\x00\x01\x00\x08\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00" +
			"\x01\x04\x00\x01\x00\x08\x00\x00" + "\x02\x04ABcdef" +
			"\x01\x04\x00\x01\x00\x00\x00\x00" +
			"\x01\x05\x00\x01\x00\x05\x03\x00" + "hello" + "\x00\x00\x00" + "\x01\x05\x00\x01\x00\x00\x00\x00"},
	} {
		if got := request(c.keepAlive, c.params, c.content); string(got) != c.want {
			t.Errorf("%s:\n%q\n%q", c.name, got, c.want)
		}
	}
}

// The length of a name and of a value takes one byte up to 127, else four (section 3.4).
func TestParamLengths(t *testing.T) {
	for _, c := range []struct {
		name, value int
		lengths     string
	}{
		{0, 0, "\x00\x00"}, {1, 127, "\x01\x7f"}, {127, 1, "\x7f\x01"},
		{1, 128, "\x01\x80\x00\x00\x80"}, {128, 1, "\x80\x00\x00\x80\x01"}, {300, 70000, "\x80\x00\x01\x2c\x80\x01\x11\x70"},
	} {
		name, value := strings.Repeat("N", c.name), strings.Repeat("v", c.value)
		want := "x" + c.lengths + name + value
		dst := append(OpenParam([]byte("x"), name), value...)
		if got := CloseParam(dst, 1); string(got) != want {
			t.Errorf("%d, %d: %.20q", c.name, c.value, got)
		}
		if got := AppendParam([]byte("x"), name, value); string(got) != want {
			t.Errorf("%d, %d, whole: %.20q", c.name, c.value, got)
		}
	}
	got := CloseParam(append(OpenField(nil, []byte("X-Real-Ip")), "::1"...), 0)
	if want := "\x0e\x03HTTP_X_REAL_IP::1"; string(got) != want {
		t.Errorf("%q", got)
	}
}

func TestParamsFitARecord(t *testing.T) {
	for n, want := range map[int]string{MaxRecord: "", MaxRecord + 1: "fastcgi request record is too big: 65536"} {
		dst := OpenParams([]byte("x"))
		dst = append(dst, make([]byte, n)...)
		dst, err := CloseParams(dst, 1)
		if got := ""; err != nil {
			if got = err.Error(); got != want {
				t.Errorf("%d: %s", n, got)
			}
		} else if want != "" || !bytes.HasPrefix(dst, []byte("x\x01\x04\x00\x01\xff\xff\x01\x00")) || len(dst) != 1+8+n+1+8 {
			t.Errorf("%d: %.20q of %d", n, dst, len(dst))
		}
	}
}

func TestStdin(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 7000)
	var pieces []byte // of one record each, as a sender makes them that does not copy
	for rest := content; len(rest) > 0; {
		n := min(len(rest), MaxStdin)
		pieces = append(AppendStdinHeader(pieces, n), rest[:n]...)
		pieces = AppendPadding(pieces, n)
		rest = rest[n:]
	}
	got := AppendStdin(nil, content)
	if !bytes.Equal(got, pieces) {
		t.Fatal("AppendStdin is not what it says")
	}
	var back []byte
	for len(got) > 0 {
		n, pad := int(got[4])<<8|int(got[5]), int(got[6])
		if got[1] != 5 || n == 0 || n > MaxStdin || (n+pad)%8 != 0 || pad > 7 {
			t.Fatalf("record of type %d with %d bytes and %d of padding", got[1], n, pad)
		}
		back = append(back, got[8:8+n]...)
		got = got[8+n+pad:]
	}
	if !bytes.Equal(back, content) {
		t.Error("the content is another")
	}
}
