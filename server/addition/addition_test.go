package addition_test

import (
	"io"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/addition"
	"github.com/wheelpit/wheelpit/server/filter"
	"github.com/wheelpit/wheelpit/server/filter/filtertest"
	"github.com/wheelpit/wheelpit/server/static"
)

func newFilter(t *testing.T, cfg addition.Config) *addition.Filter {
	t.Helper()
	f, err := addition.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAgainstNginx(t *testing.T) {
	dir := filtertest.Dir(t, map[string]string{
		"a.html": "page", "big.html": strings.Repeat("x", 200<<10), "a.css": "css", "a.txt": "text", "empty.html": "", "before": "[before]", "after": "[after]",
	})
	for _, test := range []struct {
		directives string
		cfg        addition.Config
	}{
		{"add_before_body /before;", addition.Config{Before: "/before"}},
		{"add_after_body /after; addition_types text/css;", addition.Config{After: "/after", Types: []string{"text/css"}}},
		{"add_before_body /before; add_after_body /after; addition_types *;", addition.Config{Before: "/before", After: "/after", Types: []string{"*"}}},
		{"", addition.Config{}},
	} {
		nginx := filtertest.Nginx(t, dir, "", test.directives)
		test.cfg.Subrequest = filtertest.Subrequests(dir)
		ours := filtertest.Files(t, dir, static.Options{Types: filtertest.Types}, newFilter(t, test.cfg))
		for _, target := range []string{"/a.html", "/big.html", "/a.css", "/a.txt", "/empty.html"} {
			for _, method := range []string{"GET", "HEAD"} {
				for _, proto := range []string{"1.0", "1.1"} {
					want, got := filtertest.Get(t, nginx, method, target, proto), filtertest.Get(t, ours, method, target, proto)
					if diff := filtertest.Diff(want, got, "Content-Type", "Etag", "Last-Modified", "Accept-Ranges"); diff != "" || got.Body != want.Body {
						t.Errorf("%s: %s %s HTTP/%s: %s\n%.80q\n%.80q", test.directives, method, target, proto, diff, got.Body, want.Body)
					}
				}
			}
		}
	}
}

// Only answers of 200 that are no part of another body are added to; a subrequest that fails cuts the body off.
func TestConditions(t *testing.T) {
	ask := func(_ *pipeline.Ctx, path, _ string, w io.Writer) (int, error) {
		if path == "/broken" {
			return 0, io.ErrUnexpectedEOF
		}
		_, err := io.WriteString(w, path)
		return 200, err
	}
	for _, test := range []struct {
		status int
		nested bool
		after  string
		want   string
		broken bool
	}{
		{200, false, "/after", "/before body/after", false}, {200, true, "/after", " body", false}, {404, false, "/after", " body", false}, {200, false, "/broken", "/before body", true},
	} {
		c := pipelinetest.NewCtx(t, "GET", "/")
		if test.nested {
			filter.MarkNested(c)
		}
		_ = c.Stream(test.status, "text/html", 5, func(s *pipeline.Stream) error {
			_ = s.Flush()
			_, err := io.WriteString(s, " body")
			return err
		})
		if err := newFilter(t, addition.Config{Before: "/before", After: test.after, Subrequest: ask}).ProcessResponse(c); err != nil {
			t.Fatal(err)
		}
		if res := pipelinetest.Of(t, c); string(res.Body) != test.want || (res.BodyErr != nil) != test.broken {
			t.Errorf("%+v: %q, %v", test, res.Body, res.BodyErr)
		}
	}
	if _, err := addition.New(addition.Config{Before: "/x"}); err == nil {
		t.Error("nobody to ask was taken")
	}
}
