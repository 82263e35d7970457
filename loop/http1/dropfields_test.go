package http1

import (
	"strings"
	"testing"
)

// What is left after DropFields is what a head without those lines comes to.
func TestDropFields(t *testing.T) {
	var letters [256]bool
	for _, c := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-" {
		letters[c] = true
	}
	lines := []string{"x_a: 1", "Host: h", "X-B: 2", "_: 3", "Accept: a", "x.c: 4", "X-D: 5", "Accept: b"}
	for set := range 1 << len(lines) {
		all, sound := "GET / HTTP/1.0\r\n", "GET / HTTP/1.0\r\n"
		for i, line := range lines {
			if set>>i&1 == 0 {
				continue
			}
			all += line + "\r\n"
			if name, _, _ := strings.Cut(line, ":"); !strings.ContainsAny(name, "_.") {
				sound += line + "\r\n"
			}
		}
		got, want := parsed(t, all), parsed(t, sound)
		bytes := []byte(all + "\r\n")
		if n := got.DropFields(bytes, &letters); len(got.Fields) != len(want.Fields) || n != strings.Count(all, "\n")-strings.Count(sound, "\n") {
			t.Fatalf("%q: %d dropped, %d left", all, n, len(got.Fields))
		}
		for id := FieldOther + 1; id < fieldCount; id++ {
			a, ok := got.First(id)
			b, ok2 := want.First(id)
			if ok != ok2 || ok && string(a.Of(bytes)) != string(b.Of([]byte(sound+"\r\n"))) {
				t.Fatalf("%q: field %v is %q", all, id, a.Of(bytes))
			}
		}
	}
}

func parsed(t *testing.T, head string) *Request {
	t.Helper()
	lim := DefaultLimits()
	r := new(Request)
	if v := r.Parse([]byte(head+"\r\n"), &lim); v != Complete && strings.Contains(head, "Host") {
		t.Fatalf("%q: %v", head, v)
	}
	return r
}
