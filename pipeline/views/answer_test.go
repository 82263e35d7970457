package views

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func TestJSON(t *testing.T) {
	app := pipeline.New()
	app.Path("ok/", func(c *pipeline.Ctx) error { return JSON(c, 201, map[string]any{"a": []int{1}, "b": "<é>"}) })
	app.Path("bad/", func(c *pipeline.Ctx) error { return JSON(c, 200, func() {}) })
	client := pipelinetest.NewClient(t, app)
	client.Get("/ok/").AssertStatus(201).AssertHeader("Content-Type", "application/json").AssertBody(`{"a":[1],"b":"\u003cé\u003e"}`)
	client.AllowErrors = true
	var unsupported *json.UnsupportedTypeError
	if res := client.Get("/bad/").AssertStatus(500); !errors.As(res.Err, &unsupported) {
		t.Errorf("%v", res.Err)
	}
	app.Use(UseJSON(JSONFunc(func(any) ([]byte, error) { return []byte("own"), nil })))
	pipelinetest.NewClient(t, app).Get("/ok/").AssertBody("own")
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.html")
	if err := os.WriteFile(name, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	var o FileOptions
	app := pipeline.New()
	app.Path("f", func(c *pipeline.Ctx) error { return File(c, name, o) })
	app.Path("inline", func(c *pipeline.Ctx) error { return File(c, name, o) }, pipeline.Inline)
	app.Path("none", func(c *pipeline.Ctx) error { return File(c, name+"x", o) })
	client := pipelinetest.NewClient(t, app)
	client.Get("/f").AssertBody("content").AssertHeader("Content-Type", "text/html; charset=utf-8").AssertHeader("Content-Disposition", "")
	client.Get("/inline").AssertBody("content")
	client.Get("/none").AssertStatus(404)
	o = FileOptions{Attachment: true}
	client.Get("/f").AssertHeader("Content-Disposition", `attachment; filename="a.html"`)
	o = FileOptions{Name: "b.unknowntype"}
	client.Get("/f").AssertHeader("Content-Disposition", `inline; filename="b.unknowntype"`).AssertHeader("Content-Type", "application/octet-stream")
	o = FileOptions{ContentType: "x/y"}
	client.Get("/f").AssertHeader("Content-Type", "x/y")
}

func TestContentDisposition(t *testing.T) {
	for name, want := range map[string]string{
		"":              `attachment`,
		"a b.txt":       `attachment; filename="a b.txt"`,
		`a"b\c`:         `attachment; filename="a\"b\\c"`,
		"é €.txt":       `attachment; filename="_ _.txt"; filename*=UTF-8''%C3%A9%20%E2%82%AC.txt`,
		"a\r\nX: y\x7f": `attachment; filename="a__X: y_"`,
		"\xff":          `attachment; filename="_"`,
		"é'(1)*%":       `attachment; filename="_'(1)*%"; filename*=UTF-8''%C3%A9%27%281%29%2A%25`,
	} {
		if got := ContentDisposition(true, name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
	if got := ContentDisposition(false, "x"); got != `inline; filename="x"` {
		t.Error(got)
	}
}

// closing is a reader that notes Close.
type closing struct {
	io.Reader
	closed int
}

func (r *closing) Close() error { r.closed++; return nil }

func TestStream(t *testing.T) {
	var r *closing
	app := pipeline.New()
	app.Path("s", func(c *pipeline.Ctx) error { return Stream(c, "text/x", r) })
	app.Path("c", func(c *pipeline.Ctx) error {
		return Chunks(c, "text/x", func(yield func([]byte, error) bool) {
			if yield([]byte("one;"), nil) && yield([]byte("two;"), nil) {
				yield(nil, errBroke)
			}
		})
	})
	client := pipelinetest.NewClient(t, app)
	r = &closing{Reader: strings.NewReader(strings.Repeat("x", 100000))}
	res := client.Get("/s").AssertHeader("Content-Type", "text/x").AssertHeader("Content-Length", "")
	if len(res.Body) != 100000 || r.closed != 1 || res.BodyErr != nil {
		t.Errorf("%d bytes, closed %d times, %v", len(res.Body), r.closed, res.BodyErr)
	}
	r = &closing{Reader: io.MultiReader(strings.NewReader("half"), failing{})}
	if res = client.Get("/s"); string(res.Body) != "half" || !errors.Is(res.BodyErr, errBroke) || r.closed != 1 {
		t.Errorf("%q %v, closed %d times", res.Body, res.BodyErr, r.closed)
	}
	if res = client.Get("/c"); string(res.Body) != "one;two;" || !errors.Is(res.BodyErr, errBroke) {
		t.Errorf("%q %v", res.Body, res.BodyErr)
	}
}

// The iterator of Chunks ends when the client leaves, and not before.
func TestChunksEndWithTheClient(t *testing.T) {
	ended := make(chan int, 1)
	app := pipeline.New()
	app.Path("c", func(c *pipeline.Ctx) error {
		return Chunks(c, "text/x", func(yield func([]byte, error) bool) {
			n := 0
			for yield([]byte("line\n"), nil) {
				n++
			}
			ended <- n
		})
	})
	s := pipelinetest.NewClient(t, app).Stream("GET", "/c")
	for range 3 {
		if line, err := s.Lines.ReadString('\n'); line != "line\n" {
			t.Fatalf("%q %v", line, err)
		}
	}
	if err := s.Close(); !errors.Is(err, pipeline.ErrClientGone) {
		t.Errorf("%v", err)
	}
	if n := <-ended; n < 2 {
		t.Errorf("ended after %d", n)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errBroke }
