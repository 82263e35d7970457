//go:build !race && !invariants

package middleware

import (
	"io"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Nothing here allocates once its memory has grown to size.
func TestFieldAllocations(t *testing.T) {
	const head = "GET / HTTP/1.1\r\nHost: a\r\n"
	combined := &AccessLog{Writer: NewLogBuffer(io.Discard, flushEvery), RequestTime: true}
	list := "X-Forwarded-For: " + strings.Repeat("10.0.0.1, ", 100) + "10.0.0.2\r\n"
	forwarded := `Forwarded: for="[2001:db8::1]:80";proto=https, for=10.0.0.2` + "\r\n"
	from := []string{"10.0.0.0/8", "2001:db9::/32"}
	for _, c := range []struct {
		name, head string
		mw         []pipeline.Middleware
		status     int
	}{
		{"nothing", head, nil, 200},
		{"RequestID made", head, []pipeline.Middleware{&RequestID{}}, 200},
		{"RequestID taken", head + "X-Request-ID: abc\r\n", []pipeline.Middleware{&RequestID{Trust: FromAnyone}}, 200},
		{"RealIP, list", head + list, []pipeline.Middleware{&RealIP{From: from, Recursive: true, Header: "X-Forwarded-For"}}, 200},
		{"RealIP, Forwarded", head + forwarded, []pipeline.Middleware{&RealIP{From: from, Recursive: true, Header: "Forwarded"}}, 200},
		{"RealIP, garbage", head + "X-Real-IP: for=unknown\r\n", []pipeline.Middleware{&RealIP{From: from}}, 200},
		{"AccessLog", head + "User-Agent: \x80\r\n", []pipeline.Middleware{combined}, 200},
		{"BodyLimit", head, []pipeline.Middleware{BodyLimit{Max: 10}}, 200},
		{"BasicAuth", head + "Authorization: Basic am9lOng=\r\n", []pipeline.Middleware{&BasicAuth{Users: map[string]string{"joe": "x"}}}, 200},
		{"BasicAuth refused", head, []pipeline.Middleware{&BasicAuth{Users: map[string]string{"joe": "x"}}}, 401},
		{"RateLimit", head, []pipeline.Middleware{&RateLimit{Rate: 1e6, Burst: 1e6, Headers: true}}, 200},
		{"RateLimit refused", head, []pipeline.Middleware{&RateLimit{Rate: 1, Per: 900e9}}, 429},
		{"Timeout", head, []pipeline.Middleware{&Timeout{After: 1e9}}, 200},
		{"Recover", head, []pipeline.Middleware{&Recover{}}, 200},
		{"all", head + list, []pipeline.Middleware{combined, &Timeout{After: 1e9}, &Recover{}, &RealIP{From: from, Header: "X-Forwarded-For"}, &RequestID{},
			&RateLimit{Rate: 1e6, Burst: 1e6}, BodyLimit{}}, 200},
	} {
		l := newLoopback(t, echo(func(*pipeline.Ctx) string { return "" }, c.mw...), "10.0.0.1", c.head)
		serve := func() {
			l.run(t)
			l.c.Reset()
		}
		for range 3 {
			serve()
		}
		if status := l.run(t).Res().Status; status != c.status {
			t.Errorf("%s: status %d", c.name, status)
		}
		l.c.Reset()
		if n := testing.AllocsPerRun(200, serve); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}
