package brotli_test

import (
	"io"
	"strings"
	"testing"

	brrr "github.com/molecule-man/go-brrr"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/brotli"
	"github.com/wheelpit/wheelpit/server/filter/filtertest"
	"github.com/wheelpit/wheelpit/server/gzip"
	"github.com/wheelpit/wheelpit/server/static"
)

var page = strings.Repeat("<p>a page with words that repeat</p>\n", 300)

// Files of all sizes, bodies in memory and streams come back as they were; who takes both codings gets brotli.
func TestRoundTrip(t *testing.T) {
	dir := filtertest.Dir(t, map[string]string{"page.html": page, "large.html": strings.Repeat(page, 20), "huge.html": strings.Repeat(page, 130)})
	for _, level := range []int{0, 1, 6, 11} {
		f, err := brotli.New(brotli.Config{Level: level, MinLength: brotli.DefaultMinLength, Vary: true})
		if err != nil {
			t.Fatal(err)
		}
		outer, err := gzip.New(gzip.Config{Vary: true})
		if err != nil {
			t.Fatal(err)
		}
		files, err := static.New(static.Options{Root: dir, Types: filtertest.Types})
		if err != nil {
			t.Fatal(err)
		}
		app := pipeline.New()
		app.Use(outer, f)
		app.Path("memory", func(c *pipeline.Ctx) error { return c.HTML(200, page) }, pipeline.Inline)
		app.Path("stream", func(c *pipeline.Ctx) error {
			return c.Stream(200, "text/html", -1, func(s *pipeline.Stream) error {
				_, _ = io.WriteString(s, page)
				_ = s.Flush()
				_, err := io.WriteString(s, page)
				return err
			})
		})
		app.Mount("/", files.Serve, pipeline.Inline)
		addr := filtertest.Serve(t, app)
		for target, want := range map[string]string{"/page.html": page, "/large.html": strings.Repeat(page, 20), "/huge.html": strings.Repeat(page, 130), "/memory": page, "/stream": page + page} {
			for range 2 {
				res := filtertest.Get(t, addr, "GET", target, "1.1", "Accept-Encoding: gzip, deflate, br")
				body, err := io.ReadAll(brrr.NewReader(strings.NewReader(res.Body)))
				if err != nil || string(body) != want || res.Header.Get("Content-Encoding") != "br" || res.Header.Get("Vary") != "Accept-Encoding" {
					t.Errorf("level %d, %s: %d bytes (%v), %v", level, target, len(body), err, res.Header)
				}
			}
		}
		if res := filtertest.Get(t, addr, "GET", "/page.html", "1.1", "Accept-Encoding: gzip, br;q=0"); res.Header.Get("Content-Encoding") != "gzip" {
			t.Error("br;q=0: ", res.Header)
		}
	}
}

func TestConfigRefused(t *testing.T) {
	for _, cfg := range []brotli.Config{{Level: -1}, {Level: 12}, {MinLength: -1}} {
		if _, err := brotli.New(cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}
