package views

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

func hello(c *pipeline.Ctx) error { return c.Text(200, "hello") }

func TestRequireMethods(t *testing.T) {
	for _, c := range []struct {
		h     pipeline.Handler
		line  string
		allow string // of a 405
	}{
		{RequireMethods("GET", "POST")(hello), "GET /", ""},
		{RequireMethods("GET", "POST")(hello), "POST /", ""},
		{RequireMethods("GET", "POST")(hello), "get /", ""},
		{RequireMethods("GET", "POST")(hello), "HEAD /", "GET, POST"},
		{RequireMethods("GET", "POST")(hello), "PROPFIND /", "GET, POST"},
		{RequireSafe(hello), "HEAD /", ""},
		{RequireSafe(hello), "POST /", "GET, HEAD"},
		{RequireGet(hello), "HEAD /", "GET"},
		{RequirePost(hello), "POST /", ""},
		{RequirePost(hello), "GET /", "POST"},
	} {
		ctx := serve(t, "", c.h, c.line)
		want := 200
		if c.allow != "" {
			want = 405
		}
		if ctx.Res().Status != want || ctx.ResponseHeader("Allow") != c.allow {
			t.Errorf("%s: %d, Allow %q", c.line, ctx.Res().Status, ctx.ResponseHeader("Allow"))
		}
	}
	app := pipeline.New()
	app.Use(RequireMethods("GET"))
	app.Path("", hello)
	c := begin(t, "POST /")
	if compiled(t, app).Run(c); c.Res().Status != 405 {
		t.Errorf("as a middleware: %d", c.Res().Status)
	}
}

func TestCacheControl(t *testing.T) {
	with := func(own string) pipeline.Handler {
		return func(c *pipeline.Ctx) error {
			if own != "" {
				_ = c.SetHeader("Cache-Control", own)
			}
			return hello(c)
		}
	}
	for _, c := range []struct {
		add  []string
		own  string
		want string
	}{
		{[]string{"public", "max-age=60"}, "", "public, max-age=60"},
		{[]string{"Max-Age = 60"}, "", "max-age=60"},
		{[]string{"max-age=60"}, "max-age=30", "max-age=30"},
		{[]string{"max-age=60"}, "max-age=90, public", "max-age=60, public"},
		{[]string{"max-age=60"}, "max-age=x", "max-age=x"},
		{[]string{"public"}, "private, max-age=1", "max-age=1, public"},
		{[]string{"private"}, "public", "private"},
		{[]string{"no-store"}, `No-Cache="a, b"`, `no-cache="a, b", no-store`},
		{[]string{"s-maxage=5"}, "s-maxage=1, s-maxage=2", "s-maxage=5"},
	} {
		ctx := serve(t, "", CacheControl(c.add...)(with(c.own)), "GET /")
		if got := ctx.ResponseHeader("Cache-Control"); got != c.want {
			t.Errorf("%v on %q: %q, want %q", c.add, c.own, got, c.want)
		}
	}
	ctx := serve(t, "", NeverCache(hello), "GET /")
	if ctx.ResponseHeader("Cache-Control") != "max-age=0, no-cache, no-store, must-revalidate, private" || len(ctx.ResponseHeader("Expires")) != 29 {
		t.Errorf("%v", ctx.Res().Fields())
	}
	ctx = serve(t, "", NeverCache(func(*pipeline.Ctx) error { return pipeline.ErrNotFound }), "GET /")
	if ctx.Res().Status != 404 || len(ctx.Res().Fields()) != 0 {
		t.Errorf("%d %v", ctx.Res().Status, ctx.Res().Fields())
	}
}

func TestDecoratorsKeepFaults(t *testing.T) {
	for name, h := range map[string]pipeline.Handler{
		"RequireMethods":              RequireMethods("GET")(View(nil)),
		"RequireMethods of a typo":    RequireMethods("GTE")(hello),
		"CacheControl":                CacheControl("public")(View(nil)),
		"CacheControl of a typo":      CacheControl("max age")(hello),
		"CacheControl without value":  CacheControl("max-age=")(hello),
		"CacheControl with line ends": CacheControl("max-age=1\r\nX: y")(hello),
		"NeverCache":                  NeverCache(View(nil)),
		"Condition":                   Condition(nil, nil)(View(nil)),
	} {
		if h.Fault() == nil {
			t.Errorf("%s: the fault is lost", name)
		}
	}
	if RequireSafe(nil) != nil || NeverCache(nil) != nil {
		t.Error("nil was decorated")
	}
}

// The table of Django's tests/conditional_processing, and RFC 9110 section 13.2.2.
func TestCondition(t *testing.T) {
	const (
		lastModified = "Sun, 21 Oct 2007 23:21:47 GMT"
		newer        = "Sun, 18 Oct 2009 11:41:52 GMT"
		older        = "Wed, 20 Oct 2004 05:41:20 GMT"
	)
	stamp := time.Date(2007, 10, 21, 23, 21, 47, 5e8, time.UTC)
	etag := func(tag string) func(*pipeline.Ctx) (string, error) {
		return func(*pipeline.Ctx) (string, error) { return tag, nil }
	}
	modified := func(*pipeline.Ctx) (time.Time, error) { return stamp, nil }
	both := Condition(etag("b4246"), modified)
	only := Condition(etag(`"b4246"`), nil)
	weak := Condition(etag(`W/"b4246"`), nil)
	dated := Condition(nil, modified)
	unknown := Condition(etag(""), func(*pipeline.Ctx) (time.Time, error) { return time.Time{}, nil })
	for _, c := range []struct {
		d      Decorator
		method string
		fields string // separated by "|"
		status int
	}{
		{both, "GET", "", 200},
		{both, "GET", "If-Modified-Since: " + lastModified, 304},
		{both, "GET", "If-Modified-Since: " + newer, 304},
		{both, "GET", "If-Modified-Since: " + older, 200},
		{both, "GET", "If-Modified-Since: yesterday", 200},
		{both, "PUT", "If-Modified-Since: " + lastModified, 200},
		{both, "GET", "If-Unmodified-Since: " + lastModified, 200},
		{both, "GET", "If-Unmodified-Since: " + newer, 200},
		{both, "GET", "If-Unmodified-Since: " + older, 412},
		{both, "PUT", "If-Unmodified-Since: " + older, 412},
		{both, "GET", `If-None-Match: "b4246"`, 304},
		{both, "HEAD", `If-None-Match: "b4246"`, 304},
		{both, "GET", `If-None-Match: "other"`, 200},
		{both, "GET", `If-None-Match: W/"b4246"`, 304},
		{both, "GET", `If-None-Match: "other", "b4246"`, 304},
		{both, "GET", `If-None-Match: "other"|If-None-Match: "b4246"`, 304},
		{both, "GET", `If-None-Match: "o,t", "b4246"`, 304},
		{both, "GET", `If-None-Match: *`, 304},
		{both, "GET", `If-None-Match: b4246`, 200},
		{both, "GET", `If-None-Match: "`, 200},
		{both, "GET", `If-None-Match: "b4246"x`, 200},
		{both, "PUT", `If-None-Match: "b4246"`, 412},
		{both, "PUT", `If-None-Match: *`, 412},
		{both, "PUT", `If-Match: "b4246"`, 200},
		{both, "PUT", `If-Match: *`, 200},
		{both, "PUT", `If-Match: W/"b4246"`, 412},
		{both, "PUT", `If-Match: "other"`, 412},
		{both, "GET", `If-Match: "other"`, 412},
		{both, "PUT", `If-Match: junk`, 200},
		{both, "PUT", `If-Match: "b4246"|If-Unmodified-Since: ` + older, 200},
		{both, "GET", `If-None-Match: "other"|If-Modified-Since: ` + lastModified, 200},
		{both, "GET", `If-None-Match: "b4246"|If-Modified-Since: ` + older, 304},
		{only, "GET", `If-None-Match: "b4246"`, 304},
		{only, "GET", "If-Modified-Since: " + newer, 200},
		{only, "GET", "If-Unmodified-Since: " + newer, 412},
		{weak, "GET", `If-None-Match: "b4246"`, 304},
		{weak, "PUT", `If-Match: "b4246"`, 412},
		{dated, "GET", "If-Modified-Since: " + lastModified, 304},
		{dated, "GET", `If-None-Match: "b4246"`, 200},
		{dated, "GET", `If-None-Match: *`, 200},
		{unknown, "GET", `If-None-Match: *`, 200},
		{unknown, "PUT", `If-Match: *`, 412},
	} {
		var fields []string
		if c.fields != "" {
			fields = strings.Split(c.fields, "|")
		}
		ctx := serve(t, "", c.d(hello), c.method+" /", fields...)
		if ctx.Res().Status != c.status {
			t.Errorf("%s %s: %d, want %d", c.method, c.fields, ctx.Res().Status, c.status)
		}
		if c.status == 304 && ctx.Res().Length() != 0 {
			t.Errorf("%s %s: a 304 with a body", c.method, c.fields)
		}
	}
	ctx := serve(t, "", both(hello), "GET /")
	if ctx.ResponseHeader("ETag") != `"b4246"` || ctx.ResponseHeader("Last-Modified") != lastModified {
		t.Errorf("%v", ctx.Res().Fields())
	}
	if ctx = serve(t, "", both(hello), "PUT /"); len(ctx.Res().Fields()) != 0 {
		t.Errorf("%v", ctx.Res().Fields())
	}
	own := func(c *pipeline.Ctx) error { _ = c.SetHeader("ETag", `"own"`); return hello(c) }
	if ctx = serve(t, "", both(own), "GET /"); ctx.ResponseHeader("ETag") != `"own"` {
		t.Errorf("%v", ctx.Res().Fields())
	}
	if ctx = serve(t, "", unknown(hello), "GET /"); len(ctx.Res().Fields()) != 0 {
		t.Errorf("%v", ctx.Res().Fields())
	}
	for _, d := range []Decorator{
		Condition(func(*pipeline.Ctx) (string, error) { return "", errBroke }, nil),
		Condition(nil, func(*pipeline.Ctx) (time.Time, error) { return time.Time{}, errBroke }),
	} {
		if ctx = serve(t, "", d(hello), "GET /"); !errors.Is(ctx.Err(), errBroke) {
			t.Errorf("%v", ctx.Err())
		}
	}
}
