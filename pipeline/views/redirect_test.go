package views

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/router"
)

type located string

func (l located) AbsoluteURL() string { return string(l) }

// routed runs h at /old/<int:id>/<path:rest> of an application that has a route "article".
func routed(t *testing.T, h pipeline.Handler, line string) *pipeline.Ctx {
	t.Helper()
	app := pipeline.New()
	app.Path("articles/<int:id>/", nowhere, pipeline.Name("article"))
	app.Path("home/", nowhere, pipeline.Name("home"))
	app.RePath(`^pos/([a-z]+)/$`, h)
	app.Path("old/<int:id>/<path:rest>", h, pipeline.Name("old"))
	app.RePath(`^new/(?P<id>[0-9]+)/(?P<rest>.*)$`, nowhere, pipeline.Name("new"))
	app.RePath(`^letters/([a-z]+)/$`, nowhere, pipeline.Name("letters"))
	c := begin(t, line)
	compiled(t, app).Run(c)
	return c
}

func nowhere(c *pipeline.Ctx) error { return c.NoContent(204) }

func TestRedirect(t *testing.T) {
	for _, c := range []struct {
		to   any
		args []any
		want string // Location, or the beginning of the error
	}{
		{"/a/?b=c#d", nil, "/a/?b=c#d"},
		{"article", []any{7}, "/articles/7/"},
		{"home", nil, "/home/"},
		{"../up", nil, "../up"},
		{"./here", nil, "./here"},
		{"page.html", nil, "page.html"},
		{"https://example.com/é \\x", nil, "https://example.com/%C3%A9%20%5Cx"},
		{"//example.com/", nil, "//example.com/"},
		{located("/own/"), nil, "/own/"},
		{&url.URL{Path: "/u", RawQuery: "q"}, nil, "/u?q"},
		{"nosuch", nil, "router: no reverse match"},
		{"article", []any{"x"}, "router: no reverse match"},
		{"/nosuch", []any{1}, "router: no reverse match"},
		{7, nil, "views: cannot redirect to a int"},
		{"JavaScript:alert(1)//x.", nil, "unsafe redirect to URL with scheme JavaScript"},
		{"data:text/html,x", nil, "unsafe redirect"},
		{"/a\r\nX: y", nil, "/a%0D%0AX:%20y"},
	} {
		ctx := routed(t, func(ctx *pipeline.Ctx) error { return Redirect(ctx, c.to, c.args...) }, "GET /old/1/x")
		got := ctx.ResponseHeader("Location")
		if err := ctx.Err(); err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, c.want) || ctx.Err() == nil && (got != c.want || ctx.Res().Status != 302) {
			t.Errorf("%v: %d %q, want %q", c.to, ctx.Res().Status, got, c.want)
		}
	}
	ctx := routed(t, func(ctx *pipeline.Ctx) error { return Redirect(ctx, "blob:x/") }, "GET /old/1/x")
	if ctx.Res().Status != 400 || !errors.Is(ctx.Err(), pipeline.ErrDisallowedRedirect) {
		t.Errorf("an unsafe scheme is a bad request, not %d, %v", ctx.Res().Status, ctx.Err())
	}
	for status, ok := range map[int]bool{301: true, 302: true, 303: true, 307: true, 308: true, 300: false, 200: false} {
		ctx := routed(t, func(ctx *pipeline.Ctx) error { return RedirectWith(ctx, status, "/") }, "POST /old/1/x")
		if (ctx.Res().Status == status) != ok {
			t.Errorf("%d: status %d", status, ctx.Res().Status)
		}
	}
}

func TestLocalURL(t *testing.T) {
	for target, want := range map[string]bool{
		"/": true, "/a": true, "/a//b?x=//c": true, "/a:b": true, "/?next=http://x": true,
		"": false, "a": false, "//x": false, "///x": false, `/\x`: false, `\\x`: false, "/\t/x": false, "/a\n": false,
		"http://x": false, "javascript:x": false, " /a": false, "\x00/a": false, "/a\x7f": false,
	} {
		if got := LocalURL(target); got != want {
			t.Errorf("%q: %v", target, got)
		}
	}
}

func TestRedirectView(t *testing.T) {
	for _, c := range []struct {
		view     RedirectView
		line     string
		status   int
		location string
	}{
		{RedirectView{URL: "/bar/"}, "GET /old/7/x", 302, "/bar/"},
		{RedirectView{URL: "/bar/", Permanent: true}, "HEAD /old/7/x", 301, "/bar/"},
		{RedirectView{URL: "/bar/", PreserveMethod: true}, "POST /old/7/x", 307, "/bar/"},
		{RedirectView{URL: "/bar/", PreserveMethod: true, Permanent: true}, "PUT /old/7/x", 308, "/bar/"},
		{RedirectView{URL: "/bar/"}, "OPTIONS /old/7/x", 302, "/bar/"},
		{RedirectView{URL: "/bar/"}, "PATCH /old/7/x", 302, "/bar/"},
		{RedirectView{URL: "/bar/"}, "DELETE /old/7/x", 302, "/bar/"},
		{RedirectView{URL: "/bar/"}, "TRACE /old/7/x", 405, ""},
		{RedirectView{URL: "/bar/"}, "GET /old/7/x?pork=spam", 302, "/bar/"},
		{RedirectView{URL: "/bar/", QueryString: true}, "GET /old/7/x?pork=spam", 302, "/bar/?pork=spam"},
		{RedirectView{URL: "/bar/?a=b", QueryString: true}, "GET /old/7/x?pork=spam%20x", 302, "/bar/?a=b&pork=spam%20x"},
		{RedirectView{URL: "/bar/", QueryString: true}, "GET /old/7/x?", 302, "/bar/"},
		{RedirectView{URL: "/n/{id}/%(rest)s/100%%/"}, "GET /old/007/x/y%20z", 302, "/n/7/x/y%20z/100%/"},
		{RedirectView{URL: "/n/?q={rest}"}, "GET /old/7/a%26b%3fc%23d", 302, "/n/?q=a&b%3Fc%23d"},
		{RedirectView{URL: "/{rest}"}, "GET /old/7/%5Cevil.example/", 302, "/%5Cevil.example/"},
		{RedirectView{URL: "https://example.com/{id}"}, "GET /old/7/x", 302, "https://example.com/7"},
		{RedirectView{URL: "/n/{none}/"}, "GET /old/7/x", 500, ""},
		{RedirectView{URL: "javascript:/"}, "GET /old/7/x", 400, ""},
		{RedirectView{Route: "new"}, "GET /old/7/x", 302, "/new/7/x"},
		{RedirectView{Route: "letters"}, "GET /pos/abc/", 302, "/letters/abc/"},
		{RedirectView{Route: "nosuch"}, "GET /old/7/x", 500, ""},
		{RedirectView{}, "GET /old/7/x", 410, ""},
		{RedirectView{URL: "/no/", Target: func(c *pipeline.Ctx) (string, error) { return c.Param("rest"), nil }}, "GET /old/7/y/", 302, "y/"},
		{RedirectView{URL: "/no/", Target: func(*pipeline.Ctx) (string, error) { return "", nil }}, "GET /old/7/y/", 410, ""},
		{RedirectView{Target: func(*pipeline.Ctx) (string, error) { return "", pipeline.ErrNotFound }}, "GET /old/7/y/", 404, ""},
	} {
		ctx := routed(t, View(&c.view), c.line)
		if ctx.Res().Status != c.status || ctx.ResponseHeader("Location") != c.location {
			t.Errorf("%+v, %s: %d %q, %v", c.view, c.line, ctx.Res().Status, ctx.ResponseHeader("Location"), ctx.Err())
		}
	}
	c := routed(t, View(&RedirectView{Route: "nosuch"}), "GET /old/7/x")
	if !errors.Is(c.Err(), router.ErrNoReverse) {
		t.Errorf("%v", c.Err())
	}
}

// A value that begins with "/" must not make a host of what follows.
func TestRedirectViewStaysOnItsHost(t *testing.T) {
	slashed := func(string) (string, error) { return "/evil.example/", nil }
	for text, want := range map[string]string{
		"/{rest}":            "/%2Fevil.example/",
		"//own.example{x}/":  "",
		"//own.example/{x}":  "//own.example//evil.example/",
		"https://a.b/{rest}": "https://a.b//evil.example/",
	} {
		if got, err := expand(text, slashed); got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q %v", text, got, err)
		}
	}
}

func TestRedirectViewIsCheckedAtLoad(t *testing.T) {
	for text, ok := range map[string]bool{
		"/": true, "/{a}/%(b)s": true, "https://x/{a}": true, "//x/{a}": true, "a/{b}": true, "/100%25/": true, "": true,
		"{a}": false, "%(a)s/": false, "https://{a}/": false, "https://x.{a}": false, "//{a}": false, "java{a}": false,
		"/{a": false, "/%(a)": false, "/{}": false,
	} {
		if err := View(&RedirectView{URL: text}).Fault(); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}
