package gunzip_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"compress/gzip"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/filter/filtertest"
	"github.com/wheelpit/wheelpit/server/gunzip"
)

func compress(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Flush()
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.Bytes()
}

// answer is a handler whose stream writes pieces.
func answer(pieces ...[]byte) pipeline.Handler {
	return func(c *pipeline.Ctx) error {
		_ = c.SetHeader("Content-Encoding", "gzip")
		_ = c.SetHeader("ETag", `"x"`)
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			for _, p := range pieces {
				if _, err := s.Write(p); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func run(t *testing.T, h pipeline.Handler, opts ...pipelinetest.Option) *pipelinetest.Response {
	t.Helper()
	app := pipeline.New()
	app.Use(gunzip.New(gunzip.Config{Vary: true}))
	app.Path("", h)
	return pipelinetest.NewClient(t, app).Get("/", opts...)
}

// The pieces that a body comes in make no difference, and several members are one body.
func TestSplitAtEveryByte(t *testing.T) {
	text := strings.Repeat("some text ", 30)
	z := append(compress(text), compress("more")...)
	want := text + text + "moremore"
	for i := range len(z) + 1 {
		res := run(t, answer(z[:i], z[i:]))
		if string(res.Body) != want || res.BodyErr != nil {
			t.Fatalf("cut at %d: %q, %v", i, res.Body, res.BodyErr)
		}
		res.AssertHeader("ETag", `W/"x"`).AssertHeader("Vary", "Accept-Encoding").AssertHeader("Content-Encoding", "")
	}
	single := make([][]byte, len(z))
	for i := range z {
		single[i] = z[i : i+1]
	}
	if res := run(t, answer(single...)); string(res.Body) != want {
		t.Errorf("byte by byte: %q", res.Body)
	}
}

// What is damaged or cut off is an error that ends the connection.
func TestDamaged(t *testing.T) {
	z := compress(strings.Repeat("some text ", 30))
	for _, b := range [][]byte{nil, z[:1], z[:len(z)-1], z[:20], append([]byte("x"), z...), bytes.Replace(z, z[12:14], []byte{255, 255}, 1), append(bytes.Clone(z), "trail"...)} {
		if res := run(t, answer(b)); res.BodyErr == nil {
			t.Errorf("%d bytes: %q was taken", len(b), res.Body)
		}
	}
}

// A stream that fails half way leaves nothing behind.
func TestFailureLeavesNoGoroutine(t *testing.T) {
	z := compress(strings.Repeat("some text ", 30))
	before := runtime.NumGoroutine()
	for range 20 {
		res := run(t, func(c *pipeline.Ctx) error {
			_ = c.SetHeader("Content-Encoding", "gzip")
			return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
				_, _ = s.Write(z[:20])
				return io.ErrClosedPipe
			})
		})
		if res.BodyErr == nil {
			t.Error("the error is lost")
		}
	}
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > before+2 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if after := runtime.NumGoroutine(); after > before+2 {
		t.Errorf("%d goroutines, %d before", after, before)
	}
}

func TestLeftAlone(t *testing.T) {
	z := compress("x")
	res := run(t, answer(z), pipelinetest.Header("Accept-Encoding", "gzip"))
	res.AssertHeader("Content-Encoding", "gzip").AssertHeader("Vary", "Accept-Encoding").AssertHeader("ETag", `"x"`).AssertBody(string(z))
	run(t, func(c *pipeline.Ctx) error { return c.Text(200, "plain") }).AssertBody("plain").AssertHeader("Vary", "")
	run(t, func(c *pipeline.Ctx) error {
		_ = c.SetHeader("Content-Encoding", "br")
		return c.Text(200, "brotli")
	}).AssertBody("brotli").AssertHeader("Content-Encoding", "br")
}

// What gzip_static always sends to a client that does not take gzip.
func TestAgainstNginx(t *testing.T) {
	text := make([]byte, 200<<10)
	for i := range text {
		text[i] = byte('a' + rand.IntN(4))
	}
	z := compress(string(text))
	dir := filtertest.Dir(t, map[string]string{"a.html.gz": string(z)})
	nginx := filtertest.Nginx(t, dir, "", "gzip_static always; gunzip on; gzip_vary on;")
	app := pipeline.New()
	app.Use(gunzip.New(gunzip.Config{Vary: true}))
	app.Path("a.html", func(c *pipeline.Ctx) error {
		_ = c.SetHeader("Content-Encoding", "gzip")
		return c.Static(200, "text/html", z)
	}, pipeline.Inline)
	ours := filtertest.Serve(t, app)
	for _, method := range []string{"GET", "HEAD"} {
		for _, accept := range []string{"gzip", "br", "gzip;q=0"} {
			want := filtertest.Get(t, nginx, method, "/a.html", "1.1", "Accept-Encoding: "+accept)
			got := filtertest.Get(t, ours, method, "/a.html", "1.1", "Accept-Encoding: "+accept)
			if diff := filtertest.Diff(want, got, "Content-Encoding", "Vary", "Content-Type"); diff != "" || got.Body != want.Body {
				t.Errorf("%s %s: %s, %d bytes", method, accept, diff, len(got.Body))
			}
		}
	}
}
