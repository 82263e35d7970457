package pipeline_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func TestAddVary(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  []string
	}{
		{nil, []string{"Cookie"}},
		{[]string{""}, []string{"Cookie"}},
		{[]string{"Accept"}, []string{"Accept, Cookie"}},
		{[]string{"Accept ,Origin,"}, []string{"Accept, Origin, Cookie"}},
		{[]string{"cookie"}, []string{"cookie"}},
		{[]string{"Accept,COOKIE"}, []string{"Accept,COOKIE"}},
		{[]string{"Accept", "Origin"}, []string{"Accept", "Origin, Cookie"}},
		{[]string{"Cookie", "Origin"}, []string{"Cookie", "Origin"}},
		{[]string{"*"}, []string{"*"}},
		{[]string{"Accept, *"}, []string{"*"}},
		{[]string{"Cookies"}, []string{"Cookies, Cookie"}},
	} {
		ctx := pipelinetest.NewCtx(t, "GET", "/")
		for _, line := range c.lines {
			_ = ctx.AddHeader("vary", line)
		}
		ctx.AddVary("Cookie")
		_ = ctx.SetHeaderBytes("X-After", []byte("does not overwrite what was kept"))
		ctx.NoContent(200)
		if got := pipelinetest.Of(t, ctx).Header.Values("Vary"); !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.lines, got, c.want)
		}
	}
}

// A body that is replaced may lie where the new one comes to lie, and may be added to.
func TestReplaceBody(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/")
	_, _ = io.WriteString(c, "hello world")
	_ = c.SetHeader("X", "1")
	c.ReplaceBody(c.Res().Parts()[0].Bytes[6:])
	_, _ = io.WriteString(c, "!")
	pipelinetest.Of(t, c).AssertStatus(200).AssertBody("world!").AssertHeader("X", "1").AssertHeader("Content-Length", "6")
	c.ReplaceBody(nil)
	pipelinetest.Of(t, c).AssertBody("").AssertHeader("Content-Length", "0")
	_ = c.Stream(200, "", -1, func(*pipeline.Stream) error { return errors.New("not this one") })
	c.ReplaceBody([]byte("in its place"))
	pipelinetest.Of(t, c).AssertBody("in its place")
}

func TestInMemory(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, test := range map[string]struct {
		answer func(*pipeline.Ctx) error
		want   bool
	}{
		"nothing":  {func(c *pipeline.Ctx) error { return c.NoContent(204) }, true},
		"text":     {func(c *pipeline.Ctx) error { return c.Text(200, "a") }, true},
		"file":     {func(c *pipeline.Ctx) error { return c.SendFile("", name) }, false},
		"stream":   {func(c *pipeline.Ctx) error { return c.Stream(200, "", 0, nil) }, true},
		"stream 2": {func(c *pipeline.Ctx) error { return c.Stream(200, "", 0, func(*pipeline.Stream) error { return nil }) }, false},
		"deferred": {func(c *pipeline.Ctx) error { return c.Render(200, page{}) }, false},
	} {
		c := pipelinetest.NewCtx(t, "GET", "/")
		if err := test.answer(c); err != nil {
			t.Fatal(err)
		}
		if got := c.Res().InMemory(); got != test.want {
			t.Errorf("%s: got %t", what, got)
		}
	}
}

type page struct{}

func (page) Render(*pipeline.Ctx) error { return nil }

func TestKeepHeaders(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/")
	for _, name := range []string{"A", "b", "C", "B"} {
		_ = c.AddHeader(name, name)
	}
	_ = c.Text(200, "x")
	if !c.HasResponseHeader("a") || !c.HasResponseHeader("content-type") || c.HasResponseHeader("d") {
		t.Error("HasResponseHeader")
	}
	c.KeepHeaders("B", "d")
	if got := c.Res().Fields(); len(got) != 2 || got[0].Name != "b" || got[1].Name != "B" || c.Res().ContentType != "" {
		t.Errorf("kept %v and %q", got, c.Res().ContentType)
	}
	_ = c.Text(200, "x")
	c.KeepHeaders("content-TYPE")
	if c.Res().ContentType == "" || len(c.Res().Fields()) != 0 {
		t.Error("Content-Type was dropped or a field kept")
	}
}

// bracket is a filter that writes [ before each piece, and what it holds back when it is flushed or closed.
type bracket struct {
	wire io.Writer
	mark string
	held bytes.Buffer
}

func (b *bracket) Write(p []byte) (int, error) { return b.held.Write(append([]byte(b.mark), p...)) }
func (b *bracket) Flush() error {
	_, err := b.held.WriteTo(b.wire)
	return err
}
func (b *bracket) Close() error {
	b.held.WriteString("$")
	return b.Flush()
}

// Filters nest, see what is flushed, and end what they were given only when it ended well.
func TestFilterStream(t *testing.T) {
	open := func(mark string) func(io.Writer) pipeline.StreamFilter {
		return func(wire io.Writer) pipeline.StreamFilter { return &bracket{wire: wire, mark: mark} }
	}
	for fail, want := range map[string]string{"": "<(a(b<(c$$", "error": "<(a(b", "panic": "<(a(b"} {
		c := pipelinetest.NewCtx(t, "GET", "/")
		_ = c.Stream(200, "", 3, func(s *pipeline.Stream) error {
			_, _ = io.WriteString(s, "a")
			_, _ = io.WriteString(s, "b")
			_ = s.Flush()
			_, _ = io.WriteString(s, "c")
			switch fail {
			case "error":
				return errors.New(fail)
			case "panic":
				panic(fail)
			}
			return nil
		})
		c.FilterStream(open("("))
		c.FilterStream(open("<"))
		before := c.Transport()
		res := pipelinetest.Of(t, c)
		if got := string(res.Body); got != want || (res.BodyErr != nil) != (fail != "") || c.Res().StreamLength() != -1 {
			t.Errorf("%q: got %q (%v), want %q", fail, got, res.BodyErr, want)
		}
		if c.Transport() != before {
			t.Errorf("%q: the transport was not put back", fail)
		}
	}
	c := pipelinetest.NewCtx(t, "GET", "/")
	_ = c.Text(200, "no stream")
	c.FilterStream(open("("))
	pipelinetest.Of(t, c).AssertBody("no stream")
}

// An error of the wire reaches who writes the stream.
func TestFilterStreamWireFails(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/")
	gone := errors.New("gone")
	_ = c.Stream(200, "", -1, func(s *pipeline.Stream) error {
		if _, err := io.WriteString(s, strings.Repeat("x", 10)); err != nil {
			return err
		}
		if err := s.Flush(); !errors.Is(err, gone) {
			t.Errorf("Flush: %v", err)
		}
		return gone
	})
	c.FilterStream(func(wire io.Writer) pipeline.StreamFilter { return &bracket{wire: wire} })
	c.FilterStream(func(io.Writer) pipeline.StreamFilter { return broken{gone} })
	if res := pipelinetest.Of(t, c); !errors.Is(res.BodyErr, gone) {
		t.Error(res.BodyErr)
	}
}

type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }
func (b broken) Flush() error              { return b.err }
func (b broken) Close() error              { return b.err }

// A path that leads to a route with a slash only, for every state that a request may be in.
func TestSlashedRoute(t *testing.T) {
	var got []string
	app := pipeline.New()
	app.Use(func(next pipeline.Handler) pipeline.Handler {
		return func(c *pipeline.Ctx) error {
			before := c.SlashedRoute()
			err := next(c)
			if after := c.SlashedRoute(); after != before {
				t.Errorf("%s: %v before, %v after", c.Path(), before, after)
			}
			name := "-"
			if before != nil {
				name = before.Name
			}
			got = append(got, name)
			return err
		}
	})
	ok := func(c *pipeline.Ctx) error { return c.Text(200, "") }
	app.Path("a/", ok, pipeline.Name("a"))
	app.Path("both", ok, pipeline.Name("both"))
	app.Path("both/", ok, pipeline.Name("both/"))
	app.Path("n/<int:n>/", ok, pipeline.Name("n"))
	client := pipelinetest.NewClient(t, app)
	for _, target := range []string{"/a", "/a/", "/both", "/n/5", "/n/x", "/", "/nothing"} {
		client.Get(target)
	}
	if want := "a - - n - - -"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// A Response hook may put a body in the place of a stream and the other way round, and cannot add to a stream: its length is
// what it was announced to be.
func TestStreamAndBodyDoNotMix(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := pipelinetest.NewCtx(t, "GET", "/")
	stream := func(s *pipeline.Stream) error {
		_, err := s.Write([]byte("12345"))
		return err
	}
	_ = c.SendFile("", name)
	file := c.Res().Parts()[0].File.Acquire()
	_ = c.Stream(200, "", 5, stream)
	if _, err := c.Write([]byte("more")); err == nil {
		t.Error("a stream was written to")
	}
	c.AddPart(pipeline.Part{File: file, N: 1})
	if n := c.Res().StreamLength(); n != 5 || len(c.Res().Parts()) != 0 {
		t.Errorf("length %d", n)
	}
	if file.Fd() >= 0 {
		t.Error("the file is still open")
	}
	pipelinetest.Of(t, c).AssertBody("12345")
	_ = c.Text(200, "text")
	_, _ = c.Write([]byte(" and more"))
	pipelinetest.Of(t, c).AssertBody("text and more").AssertHeader("Content-Length", "13")
	_ = c.Render(200, page{})
	c.ReplaceBody([]byte("not rendered"))
	pipelinetest.Of(t, c).AssertBody("not rendered")
}
