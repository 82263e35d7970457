package http1

import (
	"bufio"
	"bytes"
	"net/http"
	"testing"
	"time"
)

// FuzzRequest: a head is understood the same however it is split, and where net/http accepts it as well, both read the
// same request.
func FuzzRequest(f *testing.F) {
	for _, c := range heads {
		f.Add([]byte(c.in), 5)
	}
	f.Fuzz(func(t *testing.T, in []byte, at int) {
		lim := DefaultLimits()
		var r Request
		v := r.Parse(in, &lim)
		whole := describe(in, &r, v)
		if at >= 0 && at <= len(in) {
			if got := parseSplit(in, at, &lim); got != whole {
				t.Fatalf("%q split at %d:\n got %s\nwant %s", in, at, got, whole)
			}
		}
		if v != Complete {
			return
		}
		std, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(bytes.TrimLeft(in, "\r\n"))))
		if err != nil {
			return
		}
		if std.Method != string(r.MethodSpan.Of(in)) || std.RequestURI != string(r.Target.Of(in)) {
			t.Fatalf("%q: net/http reads %s %s", in, std.Method, std.RequestURI)
		}
		if chunked := len(std.TransferEncoding) > 0; chunked != (r.Length < 0) || !chunked && std.ContentLength != r.Length {
			t.Fatalf("%q: length %d, net/http has %d %v", in, r.Length, std.ContentLength, std.TransferEncoding)
		}
		if host := string(r.Authority.Of(in)); r.Form != FormAuthority && std.Host != host {
			t.Fatalf("%q: host %q, net/http has %q", in, host, std.Host)
		}
	})
}

func FuzzPath(f *testing.F) {
	for _, c := range paths {
		f.Add([]byte(c.in), true)
		f.Add([]byte(c.in), false)
	}
	f.Fuzz(func(t *testing.T, raw []byte, merge bool) {
		if i := bytes.IndexByte(raw, '?'); i >= 0 {
			raw = raw[:i]
		}
		out, v := AppendPath(nil, raw, merge)
		if CleanPath(raw) && (v.Failed() || !bytes.Equal(out, raw)) {
			t.Fatalf("%q is clean but becomes %q, %v", raw, out, v)
		}
		if v.Failed() {
			return
		}
		if out[0] != '/' || bytes.IndexByte(out, 0) >= 0 || bytes.Contains(append(out, '/'), []byte("/../")) || bytes.Contains(append(out, '/'), []byte("/./")) {
			t.Fatalf("%q becomes %q", raw, out)
		}
		if merge && bytes.Contains(out, []byte("//")) {
			t.Fatalf("%q becomes %q with merge_slashes", raw, out)
		}
		if bytes.IndexByte(out, '%') < 0 {
			if again, v := AppendPath(nil, out, merge); v.Failed() || !bytes.Equal(again, out) {
				t.Fatalf("%q becomes %q, and that %q", raw, out, again)
			}
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []int64{0, 784111777, 951782400, 1 << 33, -1, 253402300799} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, unix int64) {
		unix %= 253402300800
		if unix < -62135596800 {
			return
		}
		got := string(AppendDate(nil, unix))
		if want := time.Unix(unix, 0).UTC().Format(http.TimeFormat); got != want {
			t.Fatalf("%d: %q, want %q", unix, got, want)
		}
		if back, ok := ParseDate([]byte(got)); !ok || back != unix {
			t.Fatalf("%q is parsed as %d, %v", got, back, ok)
		}
	})
}
