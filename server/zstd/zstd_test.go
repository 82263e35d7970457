package zstd_test

import (
	"io"
	"strings"
	"testing"

	kzstd "github.com/klauspost/compress/zstd"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter/filtertest"
	"github.com/wheelpit/wheelpit/server/gzip"
	"github.com/wheelpit/wheelpit/server/static"
	"github.com/wheelpit/wheelpit/server/zstd"
)

var page = strings.Repeat("<p>a page with words that repeat</p>\n", 300)

// Files of all sizes, bodies in memory and streams come back as they were; who takes both codings gets zstd.
func TestRoundTrip(t *testing.T) {
	dir := filtertest.Dir(t, map[string]string{"page.html": page, "large.html": strings.Repeat(page, 20), "huge.html": strings.Repeat(page, 130)})
	for _, level := range []int{1, 3, 9, 22} {
		f, err := zstd.New(zstd.Config{Level: level, MinLength: zstd.DefaultMinLength, Vary: true})
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
				res := filtertest.Get(t, addr, "GET", target, "1.1", "Accept-Encoding: gzip, deflate, zstd")
				body, err := decode(res.Body)
				if err != nil || string(body) != want || res.Header.Get("Content-Encoding") != "zstd" || res.Header.Get("Vary") != "Accept-Encoding" {
					t.Errorf("level %d, %s: %d bytes (%v), %v", level, target, len(body), err, res.Header)
				}
			}
		}
		if res := filtertest.Get(t, addr, "GET", "/page.html", "1.1", "Accept-Encoding: gzip, zstd;q=0"); res.Header.Get("Content-Encoding") != "gzip" {
			t.Error("zstd;q=0: ", res.Header)
		}
	}
}

func decode(s string) ([]byte, error) {
	r, err := kzstd.NewReader(strings.NewReader(s))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestConfigRefused(t *testing.T) {
	for _, cfg := range []zstd.Config{{Level: -1}, {Level: 23}, {MinLength: -1}} {
		if _, err := zstd.New(cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}
