package middleware

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

// panics has one of each hook; it panics in the one that the query names.
type panics struct{}

func (panics) at(c *pipeline.Ctx, hook string) error {
	if c.Query("at") == hook {
		panic("in " + hook)
	}
	return nil
}
func (p panics) ProcessRequest(c *pipeline.Ctx) error                 { return p.at(c, "request") }
func (p panics) ProcessView(c *pipeline.Ctx, _ *pipeline.Route) error { return p.at(c, "view") }
func (p panics) ProcessResponse(c *pipeline.Ctx) error                { return p.at(c, "response") }

func TestRecoverSeesEveryPanicOnce(t *testing.T) {
	var seen []string
	app := echo(func(c *pipeline.Ctx) string {
		_ = panics{}.at(c, "handler")
		return "fine"
	}, &Recover{
		Handle: func(_ *pipeline.Ctx, p *pipeline.PanicError) error {
			if !strings.Contains(pipeline.FormatStack(p.Stack), "recover_test.go") {
				t.Errorf("not the stack of the panic:\n%s", pipeline.FormatStack(p.Stack))
			}
			seen = append(seen, fmt.Sprint(p.Value))
			return nil
		},
	}, panics{})
	cl := client(t, app)
	cl.AllowErrors = true
	for _, hook := range []string{"request", "view", "handler", "response"} {
		seen = nil
		cl.Get("/?at=" + hook).AssertStatus(500)
		if len(seen) != 1 || seen[0] != "in "+hook {
			t.Errorf("%s: %q", hook, seen)
		}
	}
	seen = nil
	cl.Get("/").AssertStatus(200)
	if len(seen) != 0 {
		t.Errorf("%q without a panic", seen)
	}
}

func TestRecoverHandle(t *testing.T) {
	replaced := errors.New("replaced")
	var handle func(c *pipeline.Ctx, p *pipeline.PanicError) error
	app := quiet()
	app.Use(&Recover{Handle: func(c *pipeline.Ctx, p *pipeline.PanicError) error { return handle(c, p) }})
	app.Get("/panic", func(*pipeline.Ctx) error { panic("x") }, pipeline.Inline)
	app.Get("/error", func(*pipeline.Ctx) error { return errors.New("x") }, pipeline.Inline)
	cl := client(t, app)
	cl.AllowErrors = true

	handle = func(c *pipeline.Ctx, _ *pipeline.PanicError) error { return c.Text(503, "later") }
	cl.Get("/panic").AssertStatus(503).AssertBody("later")
	handle = func(*pipeline.Ctx, *pipeline.PanicError) error { return replaced }
	if res := cl.Get("/panic").AssertStatus(500); !errors.Is(res.Err, replaced) {
		t.Errorf("%v", res.Err)
	}
	handle = func(*pipeline.Ctx, *pipeline.PanicError) error { panic("again") }
	cl.Get("/panic").AssertStatus(500)
	handle = func(*pipeline.Ctx, *pipeline.PanicError) error { t.Error("called for an error"); return nil }
	cl.Get("/error").AssertStatus(500)
}

func TestRecoverLetsAbortThrough(t *testing.T) {
	for _, v := range []any{http.ErrAbortHandler, fmt.Errorf("wrapped: %w", http.ErrAbortHandler)} {
		told := false
		app := echo(func(*pipeline.Ctx) string { panic(v) }, &Recover{
			Handle: func(*pipeline.Ctx, *pipeline.PanicError) error { told = true; return nil },
		})
		if res := client(t, app).Get("/"); !res.Aborted || told {
			t.Errorf("%v: aborted %v, told %v", v, res.Aborted, told)
		}
	}
	app := echo(func(*pipeline.Ctx) string { pipeline.Abort(); return "" }, &Recover{})
	if !client(t, app).Get("/").Aborted {
		t.Error("Abort was taken for a panic")
	}
}
