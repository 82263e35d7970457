package middleware

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// gunzip returns the content of a compressed body, and the file name in its header.
func gunzip(t *testing.T, body []byte) (content, name string) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), z.Name
}

var (
	text   = strings.Repeat("wheelpit ", 1000)
	accept = pipelinetest.Header("Accept-Encoding", "gzip")
)

// compressed answers everything with h behind GZip.
func compressed(t *testing.T, h pipeline.Handler, opts ...pipeline.RouteOption) *pipelinetest.Client {
	t.Helper()
	app := pipeline.New()
	app.Use(&GZip{})
	app.Get("/", h, opts...)
	client := pipelinetest.NewClient(t, app)
	client.AllowErrors = true
	return client
}

// A body is compressed whatever it is made of, and as a whole.
func TestGZipBodies(t *testing.T) {
	for name, h := range map[string]pipeline.Handler{
		"bytes":  func(c *pipeline.Ctx) error { return c.Bytes(200, "text/plain", []byte(text)) },
		"static": func(c *pipeline.Ctx) error { return c.Text(200, text) },
		"written": func(c *pipeline.Ctx) error {
			for part := range strings.SplitAfterSeq(text, " ") {
				_, _ = io.WriteString(c, part)
			}
			return nil
		},
		"parts": func(c *pipeline.Ctx) error {
			c.SetStatus(200)
			c.AddPart(pipeline.Part{Bytes: []byte(text[:10]), Static: true})
			c.AddPart(pipeline.Part{})
			c.AddPart(pipeline.Part{Bytes: []byte(text[10:])})
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := compressed(t, h)
			names := map[int]bool{}
			for range 60 {
				res := client.Get("/", accept).AssertStatus(200).AssertHeader("Content-Encoding", "gzip").AssertHeader("Vary", "Accept-Encoding")
				content, fileName := gunzip(t, res.Body)
				if content != text {
					t.Fatalf("%d bytes came out", len(content))
				}
				if len(fileName) < 1 || len(fileName) > 100 || strings.Trim(fileName, "a") != "" {
					t.Fatalf("file name %q", fileName)
				}
				names[len(fileName)] = true
				res.AssertHeader("Content-Length", string(http1.AppendUint(nil, uint64(len(res.Body)))))
			}
			if len(names) < 20 { // 60 draws of 100; fewer than 20 has a chance below 1e-15
				t.Errorf("%d lengths of the file name", len(names))
			}
			client.Get("/").AssertHeader("Content-Encoding", "").AssertBody(text)
		})
	}
}

// A response that cannot be read, is short, or would not be understood stays as it is.
func TestGZipLeaves(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 300)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	for what, c := range map[string]struct {
		h    pipeline.Handler
		vary string
	}{
		"file":  {func(c *pipeline.Ctx) error { return c.SendFile("text/plain", name) }, ""},
		"empty": {func(c *pipeline.Ctx) error { return c.NoContent(204) }, ""},
		"short": {func(c *pipeline.Ctx) error { return c.Text(200, text[:199]) }, ""},
		"range": {func(c *pipeline.Ctx) error {
			_ = c.SetHeader("Content-Range", "bytes 0-999/9000")
			return c.Text(206, text[:1000])
		}, ""},
		"coded": {func(c *pipeline.Ctx) error {
			_ = c.SetHeader("Content-Encoding", "br")
			return c.Text(200, text)
		}, ""},
		"noise": {func(c *pipeline.Ctx) error { return c.Bytes(200, "", noise) }, "Accept-Encoding"},
		"part file, part text": {func(c *pipeline.Ctx) error {
			if err := c.SendFile("text/plain", name); err != nil {
				return err
			}
			c.AddPart(pipeline.Part{Bytes: []byte(text)})
			return nil
		}, ""},
	} {
		t.Run(what, func(t *testing.T) {
			client := compressed(t, c.h)
			plain := client.Get("/")
			res := client.Get("/", accept).AssertStatus(plain.Status).AssertBody(string(plain.Body)).AssertHeader("Vary", c.vary)
			if what != "coded" {
				res.AssertHeader("Content-Encoding", "")
			}
		})
	}
}

// On the reactor only what is quickly compressed is.
func TestGZipInline(t *testing.T) {
	size := inlineGZip
	client := compressed(t, func(c *pipeline.Ctx) error { return c.Text(200, strings.Repeat("a", size)) }, pipeline.Inline)
	client.Get("/", accept).AssertHeader("Content-Encoding", "gzip")
	size++
	client.Get("/", accept).AssertHeader("Content-Encoding", "").AssertHeader("Vary", "Accept-Encoding")
}

// Error pages, panics and redirects pass through.
func TestGZipErrors(t *testing.T) {
	compressed(t, func(*pipeline.Ctx) error { panic("boom") }).Get("/", accept).AssertStatus(500)
	compressed(t, func(*pipeline.Ctx) error { return pipeline.ErrNotFound }).Get("/", accept).AssertStatus(404)
	compressed(t, func(c *pipeline.Ctx) error { return c.Redirect(302, "/x") }).Get("/", accept).AssertStatus(302).AssertHeader("Location", "/x")
	content, _ := gunzip(t, compressed(t, func(c *pipeline.Ctx) error { return c.Text(404, text) }).Get("/", accept).AssertStatus(404).Body)
	if content != text {
		t.Error("the page of a 404 is another")
	}
}

func TestGZipStream(t *testing.T) {
	client := compressed(t, func(c *pipeline.Ctx) error {
		_ = c.SetHeader("ETag", `"s"`)
		return c.Stream(200, "text/plain", int64(len(text)), func(s *pipeline.Stream) error {
			for part := range strings.SplitAfterSeq(text, " ") {
				if _, err := io.WriteString(s, part); err != nil {
					return err
				}
			}
			return nil
		})
	})
	for range 3 { // compressors are used again
		res := client.Get("/", accept).AssertHeader("Content-Encoding", "gzip").AssertHeader("Content-Length", "").AssertHeader("ETag", `W/"s"`)
		if content, name := gunzip(t, res.Body); content != text || name == "" {
			t.Errorf("%d bytes came out, name %q", len(content), name)
		}
	}
	client.Get("/").AssertBody(text).AssertHeader("ETag", `"s"`)
	empty := compressed(t, func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(*pipeline.Stream) error { return nil })
	})
	if content, _ := gunzip(t, empty.Get("/", accept).Body); content != "" {
		t.Errorf("an empty stream became %q", content)
	}
}

// What a stream flushes can be read before it goes on.
func TestGZipStreamFlush(t *testing.T) {
	var got []byte
	c := pipelinetest.NewCtx(t, "GET", "/", accept)
	_ = c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
		for _, part := range []string{"one", "two"} {
			if _, err := io.WriteString(s, part); err != nil {
				return err
			}
			if err := s.Flush(); err != nil {
				return err
			}
			z, err := gzip.NewReader(bytes.NewReader(got))
			if err != nil {
				return err
			}
			b := make([]byte, 16)
			n, _ := io.ReadAtLeast(z, b, strings.Index("onetwo", part)+3)
			if want := "onetwo"[:n]; string(b[:n]) != want || !strings.HasSuffix(want, part) {
				t.Errorf("after %s: %q", part, b[:n])
			}
		}
		return nil
	})
	m := &GZip{}
	if err := m.Load(nil); err != nil {
		t.Fatal(err)
	}
	if err := m.ProcessResponse(c); err != nil {
		t.Fatal(err)
	}
	c.FilterStream(func(wire io.Writer) pipeline.StreamFilter { return tap{wire, &got} })
	pipelinetest.Of(t, c)
}

// tap is a filter that copies what passes.
type tap struct {
	io.Writer
	seen *[]byte
}

func (w tap) Write(p []byte) (int, error) {
	*w.seen = append(*w.seen, p...)
	return w.Writer.Write(p)
}
func (tap) Flush() error { return nil }
func (tap) Close() error { return nil }

// A stream that fails is cut, never ended as if it were whole; the next one is not affected.
func TestGZipStreamFails(t *testing.T) {
	boom := errors.New("boom")
	var fail func() error
	client := compressed(t, func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			_, _ = io.WriteString(s, text)
			return fail()
		})
	})
	for _, f := range []func() error{func() error { return boom }, func() error { panic("boom") }} {
		fail = f
		res := client.Get("/", accept)
		if res.BodyErr == nil {
			t.Error("the error of the stream is lost")
		}
		if z, err := gzip.NewReader(bytes.NewReader(res.Body)); err == nil {
			if _, err = io.ReadAll(z); err == nil {
				t.Error("a failed stream came out whole")
			}
		}
	}
	fail = func() error { return nil }
	if content, _ := gunzip(t, client.Get("/", accept).Body); content != text {
		t.Errorf("%d bytes came out", len(content))
	}
}

func TestAcceptsGZip(t *testing.T) {
	for value, want := range map[string]bool{
		"gzip": true, "x-gzip": true, "gzip, br": true, "br,gzip": true, "br;q=1.0, gzip;q=0.5": true, "gzip ; q=0.001": true,
		"gzip;q=0": false, "gzip; q=0.000": false, "x-gzip;q=0": false, "gzip;q=0, x-gzip": true, "gzip;q=x": false,
		"": false, "*": false, "GZIP": false, "notgzipped": false, "identity": false, "gzipped": false, "foo-gzip": false,
	} {
		if got := acceptsGZip(pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Header("Accept-Encoding", value))); got != want {
			t.Errorf("%q: got %t", value, got)
		}
	}
	two := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Header("Accept-Encoding", "br"), accept)
	if !acceptsGZip(two) {
		t.Error("the second line was not read")
	}
}

// ConditionalGet within GZip tags what the handler wrote, and a client gives the weak form of that tag back.
func TestGZipOutsideConditionalGet(t *testing.T) {
	app := pipeline.New()
	app.Use(&GZip{}, ConditionalGet{})
	app.Get("/", func(c *pipeline.Ctx) error { return c.Text(200, text) })
	client := pipelinetest.NewClient(t, app)
	tag := client.Get("/", accept).AssertHeader("Content-Encoding", "gzip").Header.Get("ETag")
	if tag != "W/"+tagOf(text) {
		t.Errorf("tag %s", tag)
	}
	client.Get("/", accept, pipelinetest.Header("If-None-Match", tag)).AssertStatus(304).AssertBody("")
}
