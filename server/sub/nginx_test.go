package sub_test

import (
	"io"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/filter"
	"github.com/wheelpit/wheelpit/server/filter/filtertest"
	"github.com/wheelpit/wheelpit/server/static"
	"github.com/wheelpit/wheelpit/server/sub"
)

func argument(name string) filter.Value {
	return func(c *pipeline.Ctx, dst []byte) []byte { return append(dst, c.Query(name)...) }
}

func newFilter(t testing.TB, cfg sub.Config) *sub.Filter {
	t.Helper()
	f, err := sub.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAgainstNginx(t *testing.T) {
	text := strings.Repeat("The quick brown fox JUMPS over the lazy dog. ", 40)
	dir := filtertest.Dir(t, map[string]string{
		"a.html": text, "big.html": strings.Repeat(text, 60), "a.txt": text, "a.css": text, "empty.html": "", "none.html": "nothing of it",
	})
	for _, test := range []struct {
		directives string
		cfg        sub.Config
	}{
		{"sub_filter fox cat;", sub.Config{Pairs: []sub.Pair{{Match: "fox", Text: "cat"}}}},
		{"sub_filter fox cat; sub_filter_once off;", sub.Config{Pairs: []sub.Pair{{Match: "fox", Text: "cat"}}, Every: true}},
		{"sub_filter THE a; sub_filter 'the lazy' an; sub_filter 'the' b; sub_filter jumps ''; sub_filter_once off; sub_filter_types text/css;", sub.Config{Every: true, Types: []string{"text/css"},
			Pairs: []sub.Pair{{Match: "THE", Text: "a"}, {Match: "the lazy", Text: "an"}, {Match: "the", Text: "b"}, {Match: "jumps"}}}},
		{"sub_filter 'the lazy' an; sub_filter THE a; sub_filter jumps ''; sub_filter_types *; sub_filter_last_modified on;", sub.Config{Types: []string{"*"}, LastModified: true,
			Pairs: []sub.Pair{{Match: "the lazy", Text: "an"}, {Match: "THE", Text: "a"}, {Match: "jumps"}}}},
		{"sub_filter $arg_m <$arg_v>; sub_filter dog $arg_v; sub_filter_once off;", sub.Config{Every: true, Pairs: []sub.Pair{
			{MatchValue: argument("m"), Value: func(c *pipeline.Ctx, dst []byte) []byte { return append(argument("v")(c, append(dst, '<')), '>') }},
			{Match: "dog", Value: argument("v")},
		}}},
	} {
		nginx := filtertest.Nginx(t, dir, "", test.directives)
		f := newFilter(t, test.cfg)
		ours := filtertest.Files(t, dir, static.Options{Types: filtertest.Types}, f)
		for _, target := range []string{"/a.html", "/big.html", "/a.txt", "/a.css", "/empty.html", "/none.html", "/a.html?m=FOX&v=1", "/big.html?m=quick&v=slow", "/a.html?m=o"} {
			for _, method := range []string{"GET", "HEAD"} {
				want := filtertest.Get(t, nginx, method, target, "1.1")
				for range 2 {
					got := filtertest.Get(t, ours, method, target, "1.1")
					if diff := filtertest.Diff(want, got, "Content-Type", "Last-Modified", "Etag", "Accept-Ranges"); diff != "" || got.Body != want.Body {
						t.Errorf("%s: %s %s: %s\n%.100q\n%.100q", test.directives, method, target, diff, got.Body, want.Body)
					}
				}
			}
		}
	}
}

// A stream is searched over the borders of its pieces, through a connection.
func TestStream(t *testing.T) {
	app := pipeline.New()
	app.Use(newFilter(t, sub.Config{Pairs: []sub.Pair{{Match: "needle", Text: "pin"}}, Every: true}))
	app.Path("", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/html", 21, func(s *pipeline.Stream) error {
			for _, p := range []string{"need", "le, nee", "dle; ", "ne", "ed"} {
				_, _ = io.WriteString(s, p)
				_ = s.Flush()
			}
			return nil
		})
	})
	if res := filtertest.Get(t, filtertest.Serve(t, app), "GET", "/", "1.1"); res.Body != "pin, pin; need" {
		t.Errorf("%q", res.Body)
	}
}

// What has no text to search is left alone.
func TestLeftAlone(t *testing.T) {
	f := newFilter(t, sub.Config{Pairs: []sub.Pair{{Match: "a", Text: "b"}}})
	for what, answer := range map[string]func(c *pipeline.Ctx){
		"coded": func(c *pipeline.Ctx) {
			_ = c.SetHeader("Content-Encoding", "br")
			_ = c.HTML(200, "a")
		},
		"range":      func(c *pipeline.Ctx) { _ = c.HTML(206, "a") },
		"other type": func(c *pipeline.Ctx) { _ = c.Text(200, "a") },
	} {
		c := pipelinetest.NewCtx(t, "GET", "/")
		_ = c.SetHeader("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")
		answer(c)
		if err := f.ProcessResponse(c); err != nil || string(c.Res().Parts()[0].Bytes) != "a" || !c.HasResponseHeader("Last-Modified") {
			t.Errorf("%s: %v, %v", what, err, c.Res())
		}
	}
}
