package headers_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/filter"
	"github.com/wheelpit/wheelpit/server/filter/filtertest"
	"github.com/wheelpit/wheelpit/server/headers"
	"github.com/wheelpit/wheelpit/server/static"
)

func newFilter(t testing.TB, cfg headers.Config) *headers.Filter {
	t.Helper()
	f, err := headers.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// argument is a value with a variable: the argument "v" of the request.
func argument(c *pipeline.Ctx, dst []byte) []byte { return append(dst, c.Query("v")...) }

// Every form of expires, on a file, a missing one, a range and a 304.
func TestExpiresAgainstNginx(t *testing.T) {
	dir := filtertest.Dir(t, map[string]string{"a.txt": "0123456789"})
	for _, form := range []string{"epoch", "max", "off", "0", "1h", "-1h", "1d2h", "modified +1h", "modified -1h", "modified 0", "modified 10y", "@15h30m", "@0", "@24h", "@23h59m59s", "$arg_v", "modified $arg_v"} {
		nginx := filtertest.Nginx(t, dir, "", "expires "+form+`; location = /has { return 200 x; default_type text/plain; }`)
		text, modified := strings.CutPrefix(form, "modified ")
		var e headers.Expires
		if text == "$arg_v" {
			e = headers.Expires{Kind: headers.Access, Value: argument}
			if modified {
				e.Kind = headers.Modified
			}
		} else {
			var err error
			if e, err = headers.ParseExpires(text, modified); err != nil {
				t.Fatal(err)
			}
		}
		ours := filtertest.Files(t, dir, static.Options{Types: filtertest.Types}, newFilter(t, headers.Config{Expires: e}))
		targets := []string{"/a.txt", "/none"}
		if text == "$arg_v" {
			targets = nil
			for _, v := range []string{"", "1h", "-5", "max", "epoch", "off", "@1h", "nonsense", "@25h", "0", "+3"} {
				targets = append(targets, "/a.txt?v="+v)
			}
		}
		for _, target := range targets {
			for _, field := range []string{"X: y", "Range: bytes=1-2", "If-None-Match: *"} {
				var want, got filtertest.Response
				diff := "-"
				for again := 0; again < 5 && diff != ""; again++ { // a busy machine may rest between the two
					want = filtertest.Get(t, nginx, "GET", target, "1.1", field)
					got = filtertest.Get(t, ours, "GET", target, "1.1", field)
					diff = near(want.Header, got.Header)
				}
				if diff != "" || want.StatusCode != got.StatusCode {
					t.Errorf("expires %s: %s %s: %d, nginx %d, %s", form, target, field, got.StatusCode, want.StatusCode, diff)
				}
			}
		}
	}
}

// near compares Expires and Cache-Control; the two servers may have answered in different seconds.
func near(want, got http.Header) string {
	w, g := want.Get("Expires"), got.Get("Expires")
	wt, wok := http.ParseTime(w)
	gt, gok := http.ParseTime(g)
	if (wok == nil) != (gok == nil) || wok == nil && gt.Sub(wt).Abs() > 2*time.Second {
		return fmt.Sprintf("Expires %q, nginx %q", g, w)
	}
	w, g = want.Get("Cache-Control"), got.Get("Cache-Control")
	wn, err1 := strconv.Atoi(strings.TrimPrefix(w, "max-age="))
	gn, err2 := strconv.Atoi(strings.TrimPrefix(g, "max-age="))
	if w != g && (err1 != nil || err2 != nil || wn-gn > 2 || gn-wn > 2) {
		return fmt.Sprintf("Cache-Control %q, nginx %q", g, w)
	}
	return ""
}

func TestAddHeaderAgainstNginx(t *testing.T) {
	dir := filtertest.Dir(t, map[string]string{"a.txt": "0123456789", "etag/a.txt": "x", "none/a.txt": "x"})
	nginx := filtertest.Nginx(t, dir, "", `add_header X-One 1; add_header X-Var "<$arg_v>"; add_header X-Empty $arg_none; add_header X-Always yes always; add_header X-One 2;
		add_header Cache-Control private; expires 0; add_header Last-Modified "" ; add_header ETag '"mine"';
		location /status/ { location = /status/201 { return 201; } location = /status/302 { return 302 /; } location = /status/308 { return 308 /; } location = /status/400 { return 400; } location = /status/500 { return 500; } }`)
	f := newFilter(t, headers.Config{
		Expires: headers.Expires{Kind: headers.Access},
		Fields: []headers.Field{
			{Name: "X-One", Text: "1"}, {Name: "X-Empty", Value: func(_ *pipeline.Ctx, dst []byte) []byte { return dst }}, {Name: "X-Always", Text: "yes", Always: true}, {Name: "X-One", Text: "2"},
			{Name: "X-Var", Value: func(c *pipeline.Ctx, dst []byte) []byte { return append(argument(c, append(dst, '<')), '>') }},
			{Name: "Cache-Control", Text: "private"}, {Name: "Last-Modified"}, {Name: "ETag", Text: `"mine"`},
		},
	})
	files, err := static.New(static.Options{Root: dir, Types: filtertest.Types})
	if err != nil {
		t.Fatal(err)
	}
	app := pipeline.New()
	app.Use(f)
	app.Path("status/<int:code>", func(c *pipeline.Ctx) error {
		code, _ := c.ParamInt("code")
		return c.NoContent(int(code))
	})
	app.Mount("/", files.Serve, pipeline.Inline)
	ours := filtertest.Serve(t, app)
	for _, target := range []string{"/a.txt?v=7", "/nothing", "/status/201", "/status/302", "/status/308", "/status/400", "/status/500"} {
		for _, field := range []string{"X: y", "Range: bytes=1-2"} {
			want := filtertest.Get(t, nginx, "GET", target, "1.1", field)
			got := filtertest.Get(t, ours, "GET", target, "1.1", field)
			if diff := filtertest.Diff(want, got, "X-One", "X-Var", "X-Empty", "X-Always", "Cache-Control", "Last-Modified", "Etag"); diff != "" {
				t.Errorf("%s %s: %s", target, field, diff)
			}
		}
	}
}

func sentTrailer(name string) filter.Value {
	return func(c *pipeline.Ctx, dst []byte) []byte {
		dst, _ = headers.AppendSentTrailer(c, append(dst, '<'), name)
		return append(dst, '>')
	}
}

// Trailers go behind bodies of every kind, for clients that can have them.
func TestTrailersAgainstNginx(t *testing.T) {
	dir := filtertest.Dir(t, map[string]string{"a.txt": "0123456789", "big.txt": strings.Repeat("x", 100<<10), "empty.txt": ""})
	nginx := filtertest.Nginx(t, dir, "", `add_trailer X-One "1$arg_v"; add_trailer X-Always yes always; add_trailer X-Empty $arg_none; add_trailer X-Sent <$sent_trailer_x_one>; add_trailer X-Later <$sent_trailer_x_none>;`)
	f := newFilter(t, headers.Config{Trailers: []headers.Field{
		{Name: "X-One", Value: func(c *pipeline.Ctx, dst []byte) []byte { return argument(c, append(dst, '1')) }}, {Name: "X-Always", Text: "yes", Always: true},
		{Name: "X-Empty", Value: func(_ *pipeline.Ctx, dst []byte) []byte { return dst }},
		{Name: "X-Sent", Value: sentTrailer("x_one")}, {Name: "X-Later", Value: sentTrailer("x_none")},
	}})
	ours := filtertest.Files(t, dir, static.Options{Types: filtertest.Types}, f)
	for _, target := range []string{"/a.txt?v=2", "/big.txt", "/empty.txt", "/none"} {
		for _, proto := range []string{"1.1", "1.0"} {
			for _, method := range []string{"GET", "HEAD"} {
				want := filtertest.Get(t, nginx, method, target, proto)
				got := filtertest.Get(t, ours, method, target, proto)
				if fmt.Sprint(want.Trailer) != fmt.Sprint(got.Trailer) || want.StatusCode != got.StatusCode || want.StatusCode == 200 && want.Body != got.Body {
					t.Errorf("%s %s HTTP/%s: %d %v, nginx %d %v", method, target, proto, got.StatusCode, got.Trailer, want.StatusCode, want.Trailer)
				}
			}
		}
	}
}

func TestConfigRefused(t *testing.T) {
	for _, field := range []headers.Field{{Name: "a b"}, {Name: ""}, {Name: "A", Text: "x\ny"}} {
		for _, cfg := range []headers.Config{{Fields: []headers.Field{field}}, {Trailers: []headers.Field{field}}} {
			if _, err := headers.New(cfg); err == nil {
				t.Errorf("%+v was taken", field)
			}
		}
	}
	for text, modified := range map[string]bool{"x": false, "@25h": false, "": false, "@1h": true, "max": true, "epoch": true, "1y1y": false} {
		if e, err := headers.ParseExpires(text, modified); err == nil {
			t.Errorf("%q, %t: %+v", text, modified, e)
		}
	}
}

// A value of a variable cannot end the line.
func TestNoInjection(t *testing.T) {
	f := newFilter(t, headers.Config{
		Fields:   []headers.Field{{Name: "X", Value: func(_ *pipeline.Ctx, dst []byte) []byte { return append(dst, "a\r\nY: b"...) }}},
		Trailers: []headers.Field{{Name: "X", Value: func(_ *pipeline.Ctx, dst []byte) []byte { return append(dst, "a\r\nY: b"...) }}},
	})
	app := pipeline.New()
	app.Use(f)
	app.Path("", func(c *pipeline.Ctx) error {
		return c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
			_, err := io.WriteString(s, "body")
			return err
		})
	})
	res := filtertest.Get(t, filtertest.Serve(t, app), "GET", "/", "1.1")
	if res.Header.Get("Y") != "" || len(res.Trailer) != 0 || res.Body != "body" {
		t.Errorf("%v, %v", res.Header, res.Trailer)
	}
}

func TestNothingToDo(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/")
	_ = c.Text(200, "x")
	if err := newFilter(t, headers.Config{}).ProcessResponse(c); err != nil || len(c.Res().Fields()) != 0 {
		t.Errorf("%v, %v", err, c.Res().Fields())
	}
}
