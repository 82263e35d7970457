package charset_test

import (
	"io"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/charset"
	"github.com/wheelpit/wheelpit/server/filter/filtertest"
	"github.com/wheelpit/wheelpit/server/static"
)

const mapBlocks = `charset_map koi8-r utf-8 { C0 D18E; C1 D0B0; C2 D0B1; 80 E29480; }
	charset_map windows-1251 koi8-r { FE C0; E0 C1; E1 C2; }`

func maps(t testing.TB) *charset.Maps {
	t.Helper()
	m, err := charset.NewMaps([]charset.Map{
		{From: "koi8-r", To: "utf-8", Entries: []charset.Entry{{0xc0, []byte("ю")}, {0xc1, []byte("а")}, {0xc2, []byte("б")}, {0x80, []byte("─")}}},
		{From: "windows-1251", To: "koi8-r", Entries: []charset.Entry{{0xfe, []byte{0xc0}}, {0xe0, []byte{0xc1}}, {0xe1, []byte{0xc2}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAgainstNginx(t *testing.T) {
	long := strings.Repeat("ascii \xc0\xc1\xc2\x80\xff ", 2000)
	dir := filtertest.Dir(t, map[string]string{
		"utf.html": "ю а б ─ ascii", "lacks.html": "ё € 😀 б" + strings.Repeat("x", 600) + "ё", "koi.html": "\xc0 \xc1 \xc2 \x80 \xff ascii", "long.html": long, "a.txt": "text", "a.css": "css", "a.png": "png", "empty.html": "",
	})
	for _, test := range []struct {
		directives string
		cfg        charset.Config
	}{
		{"charset utf-8;", charset.Config{Name: "utf-8"}},
		{"charset utf-8; charset_types text/css;", charset.Config{Name: "utf-8", Types: []string{"text/css"}}},
		{"charset koi8-r; charset_types *;", charset.Config{Name: "koi8-r", Types: []string{"*"}}},
		{"charset off;", charset.Config{}},
		{"charset utf-8; source_charset koi8-r;", charset.Config{Name: "utf-8", Source: "koi8-r"}},
		{"charset koi8-r; source_charset utf-8;", charset.Config{Name: "koi8-r", Source: "utf-8"}},
		{"charset windows-1251; source_charset koi8-r;", charset.Config{Name: "windows-1251", Source: "koi8-r"}},
		{"charset koi8-r; source_charset windows-1251; override_charset on;", charset.Config{Name: "koi8-r", Source: "windows-1251", Override: true}},
		{"charset koi8-r; source_charset KOI8-R;", charset.Config{Name: "koi8-r", Source: "KOI8-R"}},
	} {
		nginx := filtertest.Nginx(t, dir, mapBlocks, test.directives)
		test.cfg.Maps = maps(t)
		f, err := charset.New(test.cfg)
		if err != nil {
			t.Fatal(err)
		}
		ours := filtertest.Files(t, dir, static.Options{Types: filtertest.Types}, f)
		for _, target := range []string{"/utf.html", "/lacks.html", "/koi.html", "/long.html", "/a.txt", "/a.css", "/a.png", "/empty.html"} {
			if target != "/utf.html" && target != "/lacks.html" && test.cfg.Source == "utf-8" && target[len(target)-4:] == "html" {
				continue // what is no UTF-8 differs on purpose
			}
			want, got := filtertest.Get(t, nginx, "GET", target, "1.1"), filtertest.Get(t, ours, "GET", target, "1.1")
			if diff := filtertest.Diff(want, got, "Content-Type"); diff != "" || want.Body != got.Body {
				t.Errorf("%s: %s: %s\n%.80q\n%.80q", test.directives, target, diff, got.Body, want.Body)
			}
		}
	}
}

// A body cut anywhere is recoded to the same.
func TestSplitAtEveryByte(t *testing.T) {
	const utf, koi = "aю б€😀\xd0x\xe2\x82 \xffё", "a\xc0 \xc2&#8364;&#128512;?x?? ?&#1105;"
	for _, test := range []struct{ from, to, body, want string }{
		{"utf-8", "koi8-r", utf, koi}, {"koi8-r", "utf-8", "a\xc0 \xc2\xee", "aю б?"}, {"koi8-r", "windows-1251", "a\xc0\xc2\xee", "a\xfe\xe1?"}, {"utf-8", "koi8-r", "x\xe2\x82", "x??"},
	} {
		f, err := charset.New(charset.Config{Name: test.to, Source: test.from, Maps: maps(t)})
		if err != nil {
			t.Fatal(err)
		}
		for i := range len(test.body) + 2 {
			app := pipeline.New()
			app.Use(f)
			app.Path("", func(c *pipeline.Ctx) error {
				if i > len(test.body) {
					return c.Bytes(200, "text/html", []byte(test.body))
				}
				return c.Stream(200, "text/html", -1, func(s *pipeline.Stream) error {
					_, _ = io.WriteString(s, test.body[:i])
					_, err := io.WriteString(s, test.body[i:])
					return err
				})
			})
			res := pipelinetest.NewClient(t, app).Get("/")
			if string(res.Body) != test.want {
				t.Errorf("%s to %s, cut at %d: %q, want %q", test.from, test.to, i, res.Body, test.want)
			}
			res.AssertHeader("Content-Type", "text/html; charset="+test.to)
		}
	}
}

// Which Content-Type becomes which.
func TestContentTypes(t *testing.T) {
	for _, test := range []struct {
		override        bool
		status          int
		before, charset string
		after           string
	}{
		{false, 200, "text/html", "utf-8", "text/html; charset=utf-8"},
		{false, 200, "TEXT/HTML", "utf-8", "TEXT/HTML; charset=utf-8"},
		{false, 200, "text/html; charset=koi8-r", "utf-8", "text/html; charset=koi8-r"},
		{true, 200, "text/html; charset=koi8-r", "utf-8", "text/html; charset=utf-8"},
		{true, 200, `text/html;charset="koi8-r"`, "utf-8", "text/html; charset=utf-8"},
		{true, 200, "text/html; charset=unknown", "utf-8", "text/html; charset=unknown"},
		{true, 200, "image/png; charset=UTF-8", "utf-8", "image/png; charset=utf-8"},
		{false, 200, "text/html; level=1", "utf-8", "text/html; level=1"},
		{false, 200, "image/png", "utf-8", "image/png"},
		{false, 200, "", "utf-8", ""},
		{false, 301, "text/html", "utf-8", "text/html"},
		{false, 303, "text/html", "utf-8", "text/html; charset=utf-8"},
		{false, 200, "text/html", "x\r\ny", ""},
	} {
		f, err := charset.New(charset.Config{Override: test.override, Maps: maps(t), Value: func(_ *pipeline.Ctx, dst []byte) []byte { return append(dst, test.charset...) }})
		if err != nil {
			t.Fatal(err)
		}
		c := pipelinetest.NewCtx(t, "GET", "/")
		_ = c.Bytes(test.status, test.before, []byte("\xc1"))
		if err := f.ProcessResponse(c); err != nil {
			t.Error(err)
		}
		if got := c.Res().ContentType; got != test.after {
			t.Errorf("%d %q with %q: got %q, want %q", test.status, test.before, test.charset, got, test.after)
		}
	}
}

// A charset that is asked for goes before all that the directives say, if it is a known one.
func TestAsked(t *testing.T) {
	for _, test := range []struct{ asked, before, after, body string }{
		{"UTF-8", "text/html", "text/html; charset=UTF-8", "\xc1"},
		{"utf-8", "text/html; charset=koi8-r", "text/html; charset=utf-8", "а"},
		{"utf-8", "image/png", "image/png; charset=utf-8", "\xc1"},
		{"latin1", "text/html", "text/html", "\xc1"},
		{"", "text/html", "text/html", "\xc1"},
		{"utf-8", "", "", "\xc1"},
	} {
		f, err := charset.New(charset.Config{
			Maps: maps(t), Known: []string{"koi8-r", "utf-8"}, Asked: func(_ *pipeline.Ctx, dst []byte) []byte { return append(dst, test.asked...) },
		})
		if err != nil {
			t.Fatal(err)
		}
		c := pipelinetest.NewCtx(t, "GET", "/")
		_ = c.Bytes(200, test.before, []byte("\xc1"))
		if f.Changes(c, test.before, 1) != (test.body != "\xc1") {
			t.Errorf("%q for %q: Changes is wrong", test.asked, test.before)
		}
		if err := f.ProcessResponse(c); err != nil {
			t.Error(err)
		}
		if res := pipelinetest.Of(t, c); c.Res().ContentType != test.after || string(res.Body) != test.body {
			t.Errorf("%q for %q: got %q %q", test.asked, test.before, c.Res().ContentType, res.Body)
		}
	}
}

func TestConfigRefused(t *testing.T) {
	for what, list := range map[string][]charset.Map{
		"the same": {{From: "a", To: "A"}}, "utf-8 first": {{From: "UTF-8", To: "a"}}, "twice": {{From: "a", To: "b"}, {From: "B", To: "a"}},
		"two bytes": {{From: "a", To: "b", Entries: []charset.Entry{{1, []byte("ab")}}}}, "no UTF-8": {{From: "a", To: "utf-8", Entries: []charset.Entry{{1, []byte{0xd0}}}}},
		"beyond the BMP": {{From: "a", To: "utf-8", Entries: []charset.Entry{{1, []byte("😀")}}}},
	} {
		if _, err := charset.NewMaps(list); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	if _, err := charset.New(charset.Config{Name: "utf-8", Source: "koi8-r"}); err == nil {
		t.Error("two charsets without a map were taken")
	}
}
