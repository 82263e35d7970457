package views

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

type article struct{}

func (*article) Get(c *pipeline.Ctx) error  { return c.Text(200, "got") }
func (*article) Post(c *pipeline.Ctx) error { return c.Text(201, "posted") }

type probe struct{}

func (probe) Head(c *pipeline.Ctx) error    { return c.NoContent(204) }
func (probe) Options(c *pipeline.Ctx) error { return c.Text(200, "options") }
func (probe) Trace(c *pipeline.Ctx) error   { return c.Text(200, "trace") }

type store struct{}

func (store) Put(c *pipeline.Ctx) error    { return c.Text(200, "put") }
func (store) Patch(c *pipeline.Ctx) error  { return c.Text(200, "patch") }
func (store) Delete(c *pipeline.Ctx) error { return c.Text(200, "delete") }

func TestClassAnswersItsVerbs(t *testing.T) {
	listed := func(c *pipeline.Ctx) error { return c.Text(200, "listed") }
	for _, c := range []struct {
		name  string
		h     pipeline.Handler
		line  string
		want  string // status and body; the error page is ""
		allow string
	}{
		{"get", View(&article{}), "GET /", "200 got", ""},
		{"head is get", View(&article{}), "HEAD /", "200 got", ""},
		{"post", View(&article{}), "POST /", "201 posted", ""},
		{"put is not there", View(&article{}), "PUT /", "405 ", "GET, POST, HEAD, OPTIONS"},
		{"an unknown method", View(&article{}), "PROPFIND /", "405 ", "GET, POST, HEAD, OPTIONS"},
		{"a method and more", View(&article{}), "GETS /", "405 ", "GET, POST, HEAD, OPTIONS"},
		{"the name of a method that is no verb", View(&article{}), "SETUP /", "405 ", "GET, POST, HEAD, OPTIONS"},
		{"a long unknown method", View(&article{}), "VERSION-CONTROL /", "405 ", "GET, POST, HEAD, OPTIONS"},
		{"lower case", View(&article{}), "pOST /", "201 posted", ""},
		{"options of its own accord", View(&article{}), "OPTIONS /", "200 ", "GET, POST, HEAD, OPTIONS"},
		{"own head", View(probe{}), "HEAD /", "204 ", ""},
		{"own options", View(probe{}), "OPTIONS /", "200 options", ""},
		{"trace", View(probe{}), "TRACE /", "200 trace", ""},
		{"no get", View(probe{}), "GET /", "405 ", "HEAD, OPTIONS, TRACE"},
		{"put", View(store{}), "PUT /", "200 put", ""},
		{"patch", View(store{}), "PATCH /", "200 patch", ""},
		{"delete", View(store{}), "DELETE /", "200 delete", ""},
		{"limited", View(&article{}, Methods("get", "OPTIONS")), "POST /", "405 ", "GET, OPTIONS"},
		{"limited without head", View(&article{}, Methods("get")), "HEAD /", "405 ", "GET"},
		{"limited to what is not there", View(store{}, Methods("GET")), "OPTIONS /", "405 ", ""},
		{"the order of the limit", View(&article{}, Methods("POST", "GET")), "PUT /", "405 ", "POST, GET"},
		{"verbs", View(Verbs{Get: listed}), "HEAD /", "200 listed", ""},
		{"verbs without it", View(Verbs{Get: listed}), "POST /", "405 ", "GET, HEAD, OPTIONS"},
		{"no verbs", View(Verbs{}), "GET /", "405 ", "OPTIONS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := serve(t, "", c.h, c.line)
			got := fmt.Sprintf("%d %s", ctx.Res().Status, body(ctx))
			if ctx.Res().Status == 405 {
				got = strings.Replace(got, string(pipeline.ErrorPage(405)), "", 1)
			}
			if got != c.want || ctx.ResponseHeader("Allow") != c.allow {
				t.Errorf("%q, Allow %q; want %q, %q", got, ctx.ResponseHeader("Allow"), c.want, c.allow)
			}
			if ctx.Res().Status == 405 && len(ctx.Res().Fields()) != 1 {
				t.Errorf("a 405 has Allow, even an empty one: %v", ctx.Res().Fields())
			}
		})
	}
}

// 405 is an answer, not a failure: no Exception hook sees it, and the application's page for it is used.
func TestNotAllowedIsAnAnswer(t *testing.T) {
	app := pipeline.New()
	app.Use(exceptions(func(error) { t.Error("an Exception hook saw the 405") }))
	app.ErrorHandler(405, func(c *pipeline.Ctx) error { return c.Text(405, c.Err().Error()) })
	app.Path("", View(&article{}))
	c := begin(t, "PUT /")
	compiled(t, app).Run(c)
	if got := body(c); got != "method not allowed; allowed: GET, POST, HEAD, OPTIONS" || c.ResponseHeader("Allow") == "" {
		t.Errorf("%q %v", got, c.Res().Fields())
	}
}

type exceptions func(error)

func (f exceptions) ProcessException(_ *pipeline.Ctx, err error) error { f(err); return nil }

// edit is a class with state of its own for each request.
type edit struct {
	made int
	id   string
}

func (e *edit) Setup(c *pipeline.Ctx) error {
	e.id = c.Param("id")
	switch e.id {
	case "missing":
		return pipeline.ErrNotFound
	case "early":
		return c.Text(200, "early")
	}
	return nil
}

func (e *edit) Get(c *pipeline.Ctx) error { return c.Text(200, fmt.Sprint(e.made, " ", e.id)) }

func TestAnInstanceForEachRequest(t *testing.T) {
	made := 0
	app := pipeline.New()
	app.Path("<str:id>/", New(func() *edit { made++; return &edit{made: made} }))
	chain := compiled(t, app)
	for _, c := range []struct{ line, want string }{
		{"GET /a/", "200 2 a"},
		{"HEAD /b/", "200 3 b"},
		{"GET /early/", "200 early"},
		{"GET /missing/", "404 " + string(pipeline.ErrorPage(404))},
		{"PUT /missing/", "405 " + string(pipeline.ErrorPage(405))},
	} {
		ctx := begin(t, c.line)
		chain.Run(ctx)
		if got := fmt.Sprintf("%d %s", ctx.Res().Status, body(ctx)); got != c.want {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
	if made != 5 {
		t.Errorf("%d instances: one at load and one for each verb that answered were expected", made)
	}
}

type broken struct{ article }

func (*broken) Check() error { return errors.New("no template") }

func TestWhatIsNoClassIsRefusedAtLoad(t *testing.T) {
	for _, c := range []struct {
		name string
		h    pipeline.Handler
		want string
	}{
		{"nil", View(nil), "nil is no class"},
		{"no verb", View(struct{}{}), "struct {} has no verb: none of Get, Post"},
		{"a method of another form", View(errors.New("x")), "*errors.errorString has no verb"},
		{"the pointer has them", View(article{}), "but its pointer has: register *views.article"},
		{"setup on a shared value", View(&edit{}), "register it with New"},
		{"check", View(&broken{}), "*views.broken: no template"},
		{"check of an instance", New(func() *broken { return &broken{} }), "*views.broken: no template"},
		{"an instance without a verb", New(func() int { return 0 }), "int has no verb"},
		{"an unknown method", View(&article{}, Methods("GET", "BREW")), `"BREW" is none of GET, POST`},
		{"a faulty verb", View(Verbs{Get: View(nil)}), "nil is no class"},
	} {
		if err := c.h.Fault(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := View(&article{}).Fault(); err != nil {
		t.Error(err)
	}
}
