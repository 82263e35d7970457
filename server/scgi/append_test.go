package scgi

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func request(length int64, params [][2]string) []byte {
	dst := Open([]byte("x"), length)
	for _, p := range params {
		at := len(dst)
		dst = append(OpenParam(dst, p[0]), p[1]...)
		dst = CloseParam(dst, at)
	}
	return Close(dst, 1)[1:]
}

// The example of the specification (https://python.ca/scgi/protocol.txt), then lengths of 2 to 5 digits.
func TestRequestBytes(t *testing.T) {
	got := request(27, [][2]string{{"SCGI", "1"}, {"REQUEST_METHOD", "POST"}, {"REQUEST_URI", "/deepthought"}})
	if want := "70:CONTENT_LENGTH\x0027\x00SCGI\x001\x00REQUEST_METHOD\x00POST\x00REQUEST_URI\x00/deepthought\x00,"; string(got) != want {
		t.Errorf("%q", got)
	}
	if got := request(0, nil); string(got) != "17:CONTENT_LENGTH\x000\x00," {
		t.Errorf("%q", got)
	}
	if got := request(-1, [][2]string{{"A", ""}}); string(got) != "20:CONTENT_LENGTH\x000\x00A\x00\x00," {
		t.Errorf("%q", got)
	}
	for _, n := range []int{79, 80, 81, 979, 980, 981, 9979, 9980, 99980} {
		value := strings.Repeat("v", n)
		body := "CONTENT_LENGTH\x00" + "7" + "\x00N\x00" + value + "\x00"
		want := fmt.Sprintf("%d:%s,", len(body), body)
		if got := request(7, [][2]string{{"N", value}}); string(got) != want {
			t.Errorf("%d bytes: %.40q", n, got)
		}
	}
}

// A value cannot begin another parameter.
func TestNUL(t *testing.T) {
	got := request(0, [][2]string{{"PATH_INFO", "/a\x00REMOTE_USER\x00root"}, {"B", "\x00c"}})
	if want := "35:CONTENT_LENGTH\x000\x00PATH_INFO\x00/a\x00B\x00\x00,"; string(got) != strings.Replace(want, "35", strconv.Itoa(len(want)-4), 1) {
		t.Errorf("%q", got)
	}
}

func TestField(t *testing.T) {
	dst := append(OpenField(nil, []byte("X-Real-Ip")), "::1"...)
	if got := CloseParam(dst, 0); string(got) != "HTTP_X_REAL_IP\x00::1\x00" {
		t.Errorf("%q", got)
	}
	if got := AppendParam(nil, "A", "b"); string(got) != "A\x00b\x00" {
		t.Errorf("%q", got)
	}
}

// Whatever the parameters are, a netstring comes out whose parts are they.
func FuzzRequest(f *testing.F) {
	f.Add(int64(27), "REQUEST_URI", "/deepthought", "SCGI", "1")
	f.Add(int64(0), "", "", "A", "\x00")
	f.Fuzz(func(t *testing.T, length int64, name1, value1, name2, value2 string) {
		if strings.Contains(name1+name2, "\x00") {
			return
		}
		got := request(length, [][2]string{{name1, value1}, {name2, value2}})
		size, rest, ok := bytes.Cut(got, []byte(":"))
		if n, err := strconv.Atoi(string(size)); !ok || err != nil || n != len(rest)-1 || rest[n] != ',' || len(size) > 1 && size[0] == '0' {
			t.Fatalf("no netstring: %q", got)
		}
		parts := strings.Split(string(rest[:len(rest)-1]), "\x00")
		cut := func(s string) string { s, _, _ = strings.Cut(s, "\x00"); return s }
		want := []string{"CONTENT_LENGTH", strconv.FormatInt(max(length, 0), 10), name1, cut(value1), name2, cut(value2), ""}
		if fmt.Sprint(parts) != fmt.Sprint(want) || len(parts) != len(want) {
			t.Errorf("%q, want %q", parts, want)
		}
	})
}
