package filter_test

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/addition"
	"github.com/wheelpit/wheelpit/server/charset"
	"github.com/wheelpit/wheelpit/server/filter"
	"github.com/wheelpit/wheelpit/server/filter/filtertest"
	wgzip "github.com/wheelpit/wheelpit/server/gzip"
	"github.com/wheelpit/wheelpit/server/headers"
	"github.com/wheelpit/wheelpit/server/ssi"
	"github.com/wheelpit/wheelpit/server/static"
	"github.com/wheelpit/wheelpit/server/sub"
)

func must[F any](t testing.TB) func(f F, err error) F {
	return func(f F, err error) F {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
}

// location is all filters of one location, by name, and answers subrequests with the files of a directory.
type location struct {
	t     testing.TB
	dir   string
	hooks map[string]pipeline.ResponseHook
}

func newLocation(t testing.TB, dir string) *location {
	l := &location{t: t, dir: dir}
	maps := must[*charset.Maps](t)(charset.NewMaps([]charset.Map{{From: "koi8-r", To: "utf-8", Entries: []charset.Entry{{From: 0xc0, To: []byte("ю")}}}}))
	ask := func(c *pipeline.Ctx, path, _ string, w io.Writer) (int, error) { return l.ask(c, path, w) }
	l.hooks = map[string]pipeline.ResponseHook{
		"headers": must[*headers.Filter](t)(headers.New(headers.Config{Expires: headers.Expires{Kind: headers.Epoch}, Fields: []headers.Field{{Name: "X-Field", Text: "1"}}})),
		"sub":     must[*sub.Filter](t)(sub.New(sub.Config{Pairs: []sub.Pair{{Match: "a", Text: "aa"}}, Every: true})),
		"charset": must[*charset.Filter](t)(charset.New(charset.Config{Name: "utf-8", Source: "koi8-r", Maps: maps})),
		"ssi": must[*ssi.Filter](t)(ssi.New(ssi.Config{Subrequest: ask, Variable: func(c *pipeline.Ctx, name string, dst []byte) ([]byte, bool) {
			return append(dst, c.PathView()...), name == "uri"
		}})),
		"addition": must[*addition.Filter](t)(addition.New(addition.Config{Before: "/before.html", After: "/after.html", Subrequest: ask})),
		"gzip":     must[*filter.Coding](t)(wgzip.New(wgzip.Config{MinLength: 20, Clients: filter.Clients{Proxied: filter.ProxiedNoCache}})),
	}
	return l
}

// middleware returns the filters, the outermost first.
func (l *location) middleware() (list []pipeline.Middleware) {
	for _, name := range filter.Order {
		if h := l.hooks[name]; h != nil {
			list = append([]pipeline.Middleware{h}, list...)
		}
	}
	return list
}

// ask answers a subrequest as the location would.
func (l *location) ask(c *pipeline.Ctx, path string, w io.Writer) (int, error) {
	b, err := os.ReadFile(filepath.Join(l.dir, path))
	if err != nil {
		return 0, err
	}
	filtertest.Scoped(l.t, func(tb testing.TB) {
		nested := pipelinetest.NewCtx(tb, "GET", path, pipelinetest.Header("Accept-Encoding", "gzip"))
		filter.MarkNested(nested)
		ssi.Share(c, nested)
		_ = nested.Bytes(200, "text/html", b)
		for _, name := range filter.Order {
			if h := l.hooks[name]; h != nil {
				err = errors.Join(err, h.ProcessResponse(nested))
			}
		}
		_, werr := w.Write(pipelinetest.Of(tb, nested).Body)
		err = errors.Join(err, werr)
	})
	return 200, err
}

// All filters of a location at once, as NGINX runs them.
func TestOrderAgainstNginx(t *testing.T) {
	page := "a page <!--#echo var=\"uri\" --> \xc0 <!--#include virtual=\"/part.html\" --> <!--#echo vaar=\"x\" --> end\n"
	dir := filtertest.Dir(t, map[string]string{
		"page.html": page, "big.html": strings.Repeat(page, 1000), "part.html": "[a part \xc0 <!--#echo var=\"uri\" -->]", "before.html": "(a before \xc0)", "after.html": "(an after)", "a.txt": "a text \xc0 of some length", "short.html": "a",
	})
	nginx := filtertest.Nginx(t, dir, "charset_map koi8-r utf-8 { C0 D18E; }", `expires epoch; add_header X-Field 1; sub_filter a aa; sub_filter_once off; charset utf-8; source_charset koi8-r; ssi on;
		add_before_body /before.html; add_after_body /after.html; gzip on; gzip_proxied no-cache; location = /before.html { ssi on; sub_filter a aa; } location = /after.html { sub_filter a aa; }`)
	ours := filtertest.Files(t, dir, static.Options{Types: filtertest.Types}, newLocation(t, dir).middleware()...)
	for _, target := range []string{"/page.html", "/big.html", "/a.txt", "/short.html"} {
		for _, fields := range [][]string{{}, {"Accept-Encoding: gzip"}, {"Accept-Encoding: gzip", "Via: 1.1 p"}, {"If-None-Match: *"}} {
			want, got := filtertest.Get(t, nginx, "GET", target, "1.1", fields...), filtertest.Get(t, ours, "GET", target, "1.1", fields...)
			diff := filtertest.Diff(want, got, "Content-Type", "Content-Encoding", "Etag", "Last-Modified", "Accept-Ranges", "X-Field", "Expires", "Cache-Control")
			if w, g := decompressed(t, want), decompressed(t, got); diff != "" || w != g {
				t.Errorf("%s %q: %s\n got %.300q\nnginx %.300q", target, fields, diff, g, w)
			}
		}
	}
}

func decompressed(t *testing.T, r filtertest.Response) string {
	t.Helper()
	if r.Header.Get("Content-Encoding") != "gzip" {
		return r.Body
	}
	z, err := gzip.NewReader(strings.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Each name of Order is a package, or one that other packages are responsible for.
func TestOrderNamesPackages(t *testing.T) {
	out, err := exec.Command("go", "list", "../...").Output()
	if err != nil {
		t.Skipf("go list does not run here: %v", err)
	}
	for _, name := range filter.Order {
		if name != "userid" && !strings.Contains(string(out), "/server/"+name+"\n") {
			t.Errorf("%s is no package", name)
		}
	}
}
