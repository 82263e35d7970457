package middleware

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// stamp replaces the time of a line.
var stamp = regexp.MustCompile(`\[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]`)

func TestAccessLogCombined(t *testing.T) {
	for _, c := range []struct {
		name, head, want string
		sent             int64
	}{
		{"as NGINX has it", "GET /a?b=c HTTP/1.1\r\nHost: a\r\nReferer: http://r/\r\nUser-Agent: curl/8\r\n",
			`192.0.2.1 - - [T] "GET /a?b=c HTTP/1.1" 200 5 "http://r/" "curl/8"`, 5},
		{"nothing sent", "GET / HTTP/1.1\r\nHost: a\r\n", `192.0.2.1 - - [T] "GET / HTTP/1.1" 200 0 "-" "-"`, 0},
		{"behind a proxy", "GET / HTTP/1.1\r\nHost: a\r\nX-Real-IP: 2001:db8::7\r\n",
			`2001:db8::7 - - [T] "GET / HTTP/1.1" 200 5 "-" "-"`, 5},
		{"a user", "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic am9lOng=\r\n",
			`192.0.2.1 - joe [T] "GET / HTTP/1.1" 200 5 "-" "-"`, 5},
		{"what would break the line", "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: a\"b\\c\td\xc3\xa4\x80\r\n",
			`192.0.2.1 - - [T] "GET / HTTP/1.1" 200 5 "-" "a\x22b\x5Cc\x09d\xC3\xA4\x80"`, 5},
		{"LF as line end, empty lines before", "\r\nGET /x HTTP/1.0\nHost: a\r\n",
			`192.0.2.1 - - [T] "GET /x HTTP/1.0" 200 5 "-" "-"`, 5},
		{"not found", "POST / HTTP/1.1\r\nHost: a\r\n", `192.0.2.1 - - [T] "POST / HTTP/1.1" 405 0 "-" "-"`, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s sink
			log := &AccessLog{Writer: &s}
			names := func(c *pipeline.Ctx) string { return BasicAuthUser(c) }
			auth := &BasicAuth{Check: func(string, string) bool { return true }, CheckInline: true}
			app := quiet()
			// The order must not matter: the notes live longer than any of them.
			app.Use(&RealIP{From: []string{"192.0.2.1"}}, log, onlyWith("Authorization", auth))
			app.Get("/", func(c *pipeline.Ctx) error { return c.Text(200, names(c)) })
			l := newLoopback(t, app, "192.0.2.1", c.head)
			l.run(t)
			l.peer.sent = c.sent
			l.c.Reset()
			if err := log.Flush(); err != nil {
				t.Fatal(err)
			}
			if got := stamp.ReplaceAllString(s.text(), "[T]"); got != c.want+"\n" {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
	compileError(t, "neither Writer nor Logger", &AccessLog{})
}

// onlyWith runs the Request hook of auth for requests with a field.
func onlyWith(field string, auth *BasicAuth) pipeline.Middleware {
	if err := auth.Load(nil); err != nil {
		panic(err)
	}
	return func(next pipeline.Handler) pipeline.Handler {
		return func(c *pipeline.Ctx) error {
			if c.Header(field) != "" {
				if err := auth.ProcessRequest(c); err != nil || c.Answered() {
					return err
				}
			}
			return next(c)
		}
	}
}

func TestAccessLogOfAUnixSocketAndAnAbort(t *testing.T) {
	var s sink
	log := &AccessLog{Writer: &s}
	l := newLoopback(t, echo(func(*pipeline.Ctx) string { pipeline.Abort(); return "" }, log), "", "GET / HTTP/1.1\r\nHost: a\r\n")
	if out := l.chain.Run(l.begin(t)); out != pipeline.Aborted {
		t.Fatal(out)
	}
	l.c.Reset()
	_ = log.Flush()
	if got := stamp.ReplaceAllString(s.text(), "[T]"); got != `unix: - - [T] "GET / HTTP/1.1" 444 0 "-" "-"`+"\n" {
		t.Error(got)
	}
}

func TestAccessLogBytesWithoutACountingTransport(t *testing.T) {
	var s sink
	log := &AccessLog{Writer: &s, Skip: func(c *pipeline.Ctx) bool { return c.Res().Status == 405 }}
	app := echo(func(*pipeline.Ctx) string { return "12345" }, log)
	app.Get("/stream", func(c *pipeline.Ctx) error {
		return c.Stream(200, "", -1, func(s *pipeline.Stream) error { _, err := s.Write([]byte("x")); return err })
	})
	cl := client(t, app)
	cl.Get("/")
	cl.Head("/")
	cl.Post("/") // left out
	_ = log.Flush()
	if got := regexp.MustCompile(`" \d+ \d+ "`).FindAllString(s.text(), -1); fmt.Sprint(got) != `[" 200 5 " " 200 0 "]` {
		t.Errorf("%q", got)
	}
}

func TestAccessLogTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sink
		log := &AccessLog{Writer: &s, RequestTime: true}
		for _, took := range []time.Duration{0, 7*time.Millisecond + 999*time.Microsecond, 61*time.Second + 40*time.Millisecond} {
			s.b.Reset()
			cl := client(t, echo(func(*pipeline.Ctx) string { time.Sleep(took); return "" }, log))
			cl.Get("/")
			_ = log.Flush()
			want := fmt.Sprintf(" %d.%03d\n", took/time.Second, took%time.Second/time.Millisecond)
			if !strings.HasSuffix(s.text(), `"-"`+want) || !strings.Contains(s.text(), time.Now().Format("[02/Jan/2006:15:04:05 -0700]")) {
				t.Errorf("%q, want %q", s.text(), want)
			}
		}
	})
}

func TestAccessLogAttributes(t *testing.T) {
	var b bytes.Buffer
	log := &AccessLog{Logger: slog.New(slog.NewJSONHandler(&b, nil))}
	broken := errors.New("broken")
	app := quiet()
	app.Use(log, &RequestID{Trust: FromAnyone}, &BasicAuth{Users: map[string]string{"joe": "x"}})
	app.Get("/a", func(c *pipeline.Ctx) error { return c.Text(200, "12345") })
	app.Get("/b", func(*pipeline.Ctx) error { return broken })
	cl := client(t, app)
	cl.AllowErrors = true
	record := func() (m map[string]any) {
		if err := json.Unmarshal(b.Bytes(), &m); err != nil {
			t.Fatalf("%v: %s", err, b.String())
		}
		b.Reset()
		for _, name := range []string{"time", "level", "msg"} {
			delete(m, name)
		}
		if d, ok := m["duration"].(float64); !ok || d <= 0 {
			t.Errorf("duration %v", m["duration"])
		}
		delete(m, "duration")
		return m
	}
	cl.Get("/a?x=1", pipelinetest.BasicAuth("joe", "x"), pipelinetest.Header("X-Request-ID", "id"), pipelinetest.Header("User-Agent", "ua"))
	want := map[string]any{"method": "GET", "target": "/a?x=1", "status": 200., "bytes": 5., "client": "127.0.0.1", "user": "joe", "request_id": "id", "user_agent": "ua"}
	if got := record(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
	cl.Get("/b", pipelinetest.BasicAuth("joe", "x"))
	if got := record(); got["status"] != 500. || got["error"] != "broken" {
		t.Errorf("%v", got)
	}
	cl.Get("/b")
	if got := record(); got["status"] != 401. || got["user"] != nil {
		t.Errorf("%v", got)
	}
	log.Logger = slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelWarn}))
	cl.Get("/a")
	if b.Len() > 0 {
		t.Errorf("logged below the level: %s", b.String())
	}
}

// Two logs, one used twice by way of a mounted application: each has each request once.
func TestAccessLogOnce(t *testing.T) {
	var a, b sink
	first, second := &AccessLog{Writer: &a}, &AccessLog{Writer: NewLogBuffer(&b, time.Hour)}
	sub := quiet()
	sub.Use(first)
	sub.Get("/", func(c *pipeline.Ctx) error { return c.Text(200, "") })
	app := quiet()
	app.Use(first, second)
	app.MountApp("/sub/", sub)
	client(t, app).Get("/sub/").AssertStatus(200)
	_, _ = first.Flush(), second.Flush()
	if strings.Count(a.text(), "\n") != 1 || strings.Count(b.text(), "\n") != 1 {
		t.Errorf("%q %q", a.text(), b.text())
	}
}

func TestAccessLogConcurrently(t *testing.T) {
	var s sink
	log := &AccessLog{Writer: &s}
	app := echo(func(*pipeline.Ctx) string { return "" }, log, &RequestID{})
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	const clients, requests = 8, 200
	var wg sync.WaitGroup
	for i := range clients {
		l := on(chain, fmt.Sprintf("192.0.2.%d", i), fmt.Sprintf("GET /?%d HTTP/1.1\r\nHost: a\r\n", i))
		wg.Go(func() {
			for range requests {
				l.run(t)
				l.c.Reset()
			}
		})
	}
	wg.Wait()
	_ = log.Flush()
	for i := range clients {
		line := fmt.Sprintf(`192.0.2.%d - - [T] "GET /?%d HTTP/1.1" 200 0 "-" "-"`, i, i) + "\n"
		if n := strings.Count(stamp.ReplaceAllString(s.text(), "[T]"), line); n != requests {
			t.Errorf("%d lines of client %d", n, i)
		}
	}
}

func FuzzAppendEscaped(f *testing.F) {
	for _, s := range []string{"", "a b", `"\`, "\r\n\x00\x7f\xff", "ä"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		got := string(AppendEscaped(nil, p))
		for _, c := range []byte(got) {
			if c < ' ' || c > '~' || c == '"' {
				t.Fatalf("%q", got)
			}
		}
		// The escapes are those of JSON's and Go's \x form, so Go can read them back.
		var back strings.Builder
		for s := got; s != ""; {
			var v byte
			if n, _ := fmt.Sscanf(s, `\x%02X`, &v); n == 1 {
				back.WriteByte(v)
				s = s[4:]
				continue
			}
			back.WriteByte(s[0])
			s = s[1:]
		}
		if len(p) > 0 && back.String() != string(p) || len(p) == 0 && got != "-" {
			t.Errorf("%q became %q", p, got)
		}
	})
}
