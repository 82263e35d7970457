package views

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/wheelpit/wheelpit/pipeline"
)

// pages is a Templates of functions.
type pages map[string]func(w io.Writer, data any) error

func (p pages) Render(w io.Writer, name string, data any) error {
	if p[name] == nil {
		return ErrNoTemplate
	}
	return p[name](w, data)
}

// site are the templates of these tests, of html/template.
func site(t testing.TB) Templates {
	t.Helper()
	s, err := HTMLWith(HTMLOptions{Shared: []string{"base.html"}, Funcs: map[string]any{"up": strings.ToUpper}}, fstest.MapFS{
		"base.html":      {Data: []byte(`<b>{{block "title" .}}none{{end}}</b>`)},
		"about.html":     {Data: []byte(`{{template "base.html" .}}{{define "title"}}{{.who}} {{up .extra}}{{end}}`)},
		"plain.html":     {Data: []byte(`{{template "base.html" .}}{{.request.Path}}`)},
		"list.html":      {Data: []byte(`{{range .object_list}}{{.}} {{end}}{{len .numbers}} {{.is_paginated}} {{with .page_obj}}{{.}}{{if .HasNext}} next {{.Next}}{{end}}{{range .Elided}} {{if .}}{{.}}{{else}}…{{end}}{{end}}{{else}}all{{end}}`)},
		"sub/item.html":  {Data: []byte(`{{.object}}{{.item}} {{.view.ContextName}}`)},
		"sub/fails.html": {Data: []byte(`begun {{.object.Missing}}`)},
	}, "*.html", "sub/*.html")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTemplateView(t *testing.T) {
	c := serve(t, "about/<str:who>/", View(&TemplateView{
		Templates: site(t), Template: "about.html",
		Context: func(_ *pipeline.Ctx, data Data) error { data["extra"] = "<x>"; return nil },
	}), "GET /about/me&you/")
	if got := result(c); got != "200 <b>me&amp;you &lt;X&gt;</b>" || c.ResponseHeader("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%s %s", got, c.ResponseHeader("Content-Type"))
	}
	c = serve(t, "", View(&TemplateView{Templates: site(t), Template: "plain.html"}), "HEAD /")
	if got := result(c); got != "200 <b>none</b>/" {
		t.Error(got)
	}
	c = serve(t, "", View(&TemplateView{
		Templates: site(t), Template: "plain.html",
		Context: func(c *pipeline.Ctx, _ Data) error { return c.Text(403, "no") },
	}), "GET /")
	if got := result(c); got != "403 no" {
		t.Error(got)
	}
}

func TestListView(t *testing.T) {
	view := func(n, size int, refuse bool) pipeline.Handler {
		return View(&ListView[int]{
			Templates: site(t), Template: "list.html", ContextName: "numbers", PageSize: size, RefuseEmpty: refuse,
			Objects: func(*pipeline.Ctx) (Source[int], error) { return numbers(n), nil },
		})
	}
	for _, c := range []struct {
		name, pattern string
		h             pipeline.Handler
		line, want    string
	}{
		{"all", "", view(3, 0, false), "GET /", "200 1 2 3 3 false all"},
		{"empty", "", view(0, 0, false), "GET /", "200 0 false all"},
		{"empty refused", "", view(0, 0, true), "GET /", "404"},
		{"page 1", "", view(5, 2, false), "GET /", "200 1 2 2 true page 1 of 3 next 2 1 2 3"},
		{"page 2", "", view(5, 2, false), "GET /?page=2", "200 3 4 2 true page 2 of 3 next 3 1 2 3"},
		{"last page", "", view(5, 2, false), "GET /?page=last", "200 5 1 true page 3 of 3 1 2 3"},
		{"an empty number", "", view(5, 2, false), "GET /?page=", "200 1 2 2 true page 1 of 3 next 2 1 2 3"},
		{"beyond", "", view(5, 2, false), "GET /?page=4", "404"},
		{"page 0", "", view(5, 2, false), "GET /?page=0", "404"},
		{"no number", "", view(5, 2, false), "GET /?page=x", "404"},
		{"of the path", "p/<int:page>/", view(5, 2, false), "GET /p/3/?page=1", "200 5 1 true page 3 of 3 1 2 3"},
		{"one page", "", view(2, 2, false), "GET /", "200 1 2 2 false page 1 of 1 1"},
		{"no pages", "", view(0, 2, false), "GET /", "200 0 false page 1 of 1 1"},
		{"no pages, refused", "", view(0, 2, true), "GET /", "404"},
		{"the list fails", "", View(&ListView[int]{Templates: site(t), Template: "list.html", PageSize: 1,
			Objects: func(*pipeline.Ctx) (Source[int], error) { return broke{}, nil }}), "GET /", "500"},
		{"the list is not there", "", View(&ListView[int]{Templates: site(t), Template: "list.html",
			Objects: func(*pipeline.Ctx) (Source[int], error) { return nil, NotFound("no shelf") }}), "GET /", "404"},
	} {
		got := result(serve(t, c.pattern, c.h, c.line))
		if got != c.want && (len(c.want) > 3 || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

type missingErr struct{}

func (missingErr) Error() string  { return "no row" }
func (missingErr) NotFound() bool { return true }

func TestDetailView(t *testing.T) {
	for _, c := range []struct {
		err      error
		template string
		want     string
	}{
		{nil, "sub/item.html", "200 77 item"},
		{sql.ErrNoRows, "sub/item.html", "404"},
		{fmt.Errorf("wrapped: %w", missingErr{}), "sub/item.html", "404"},
		{errBroke, "sub/item.html", "500"},
		{nil, "sub/fails.html", "500"},
		{nil, "none.html", "500"},
	} {
		got := result(serve(t, "<int:id>/", View(&DetailView[int64]{
			Templates: site(t), Template: c.template, ContextName: "item",
			Object: func(ctx *pipeline.Ctx) (int64, error) { id, _ := ctx.ParamInt("id"); return id, c.err },
		}), "GET /7/"))
		if got != c.want && (len(c.want) > 3 || !strings.HasPrefix(got, c.want)) || strings.Contains(got, "begun") {
			t.Errorf("%v, %s: %q, want %q", c.err, c.template, got, c.want)
		}
	}
}

func TestGenericViewsAreCheckedAtLoad(t *testing.T) {
	objects := func(*pipeline.Ctx) (Source[int], error) { return nil, nil }
	for name, h := range map[string]pipeline.Handler{
		"no template":  View(&TemplateView{Templates: pages{}}),
		"no templates": View(&ListView[int]{Objects: objects, Template: "x"}),
		"no objects":   View(&ListView[int]{Templates: pages{}, Template: "x"}),
		"page size":    View(&ListView[int]{Templates: pages{}, Template: "x", Objects: objects, PageSize: -1}),
		"no object":    View(&DetailView[int]{Templates: pages{}, Template: "x"}),
		"no details":   View(&DetailView[int]{Object: func(*pipeline.Ctx) (int, error) { return 0, nil }}),
	} {
		if h.Fault() == nil {
			t.Errorf("%s: was taken", name)
		}
	}
}

// renamer is a template hook that looks into the response and changes it.
type renamer struct{ saw *[]string }

func (r renamer) ProcessTemplateResponse(c *pipeline.Ctx) error {
	d := Deferred(c)
	*r.saw = append(*r.saw, fmt.Sprint(d.Name, " ", d.Data))
	d.Name, d.Data.(Data)["n"] = "b", 2
	c.SetStatus(202)
	return c.SetHeader("X-Hook", "ran")
}

// Rule H17: the template hooks see name and data of a response that is still to be rendered, and may change them.
func TestTemplateHooksSeeNameAndData(t *testing.T) {
	var saw []string
	app := pipeline.New()
	app.Use(renamer{&saw})
	number := func(w io.Writer, data any) error { _, err := fmt.Fprint(w, "b", data.(Data)["n"]); return err }
	app.Path("", func(c *pipeline.Ctx) error { return Render(c, pages{"b": number}, "a", Data{"n": 1}) })
	c := begin(t, "GET /")
	compiled(t, app).Run(c)
	if result(c) != "202 b2" || fmt.Sprint(saw) != "[a map[n:1]]" || c.ResponseHeader("X-Hook") != "ran" || Deferred(c) != nil {
		t.Errorf("%s %v", result(c), saw)
	}
}

// recovered is an Exception hook that keeps the error and answers.
type recovered struct{ err *error }

func (r recovered) ProcessException(c *pipeline.Ctx, err error) error {
	*r.err = err
	return c.Text(200, "instead")
}

// Rule H17: an error while rendering is given to the Exception hooks, and nothing of the page is sent.
func TestErrorsOfRenderingReachExceptionHooks(t *testing.T) {
	var err error
	app := pipeline.New()
	app.Use(recovered{&err})
	app.Path("", func(c *pipeline.Ctx) error {
		return Render(c, pages{"a": func(w io.Writer, _ any) error { fmt.Fprint(w, "half"); return errBroke }}, "a", nil)
	})
	c := begin(t, "GET /")
	compiled(t, app).Run(c)
	if result(c) != "200 instead" || !errors.Is(err, errBroke) {
		t.Errorf("%s %v", result(c), err)
	}
}

func TestHTMLTemplates(t *testing.T) {
	for _, c := range []struct {
		name     string
		fs       fstest.MapFS
		o        HTMLOptions
		patterns []string
		want     string
	}{
		{"nothing matches", fstest.MapFS{}, HTMLOptions{}, []string{"*.html"}, `templates "*.html"`},
		{"no shared file", fstest.MapFS{"a.html": {}}, HTMLOptions{Shared: []string{"b"}}, []string{"*.html"}, `templates "b"`},
		{"a bad pattern", fstest.MapFS{}, HTMLOptions{}, []string{"["}, "syntax error"},
		{"a bad template", fstest.MapFS{"a.html": {Data: []byte("{{")}}, HTMLOptions{}, []string{"*"}, "template a.html"},
		{"a bad shared one", fstest.MapFS{"a.html": {Data: []byte("{{")}}, HTMLOptions{Shared: []string{"*"}}, nil, "template a.html"},
	} {
		if _, err := HTMLWith(c.o, c.fs, c.patterns...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	files := fstest.MapFS{"a.html": {Data: []byte("one")}}
	kept, err := HTML(files, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := HTMLWith(HTMLOptions{Reload: true}, files, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	files["a.html"] = &fstest.MapFile{Data: []byte("two")}
	for _, c := range []struct {
		t    Templates
		want string
	}{{kept, "one"}, {fresh, "two"}} {
		var b strings.Builder
		if err := c.t.Render(&b, "a.html", nil); err != nil || b.String() != c.want {
			t.Errorf("%q, want %q: %v", b.String(), c.want, err)
		}
	}
	files["a.html"] = &fstest.MapFile{Data: []byte("{{")}
	if err := fresh.Render(io.Discard, "a.html", nil); err == nil {
		t.Error("a broken template was rendered")
	}
}

func TestMissing(t *testing.T) {
	if v, err := GetOr404(7, nil); v != 7 || err != nil {
		t.Errorf("%v %v", v, err)
	}
	if _, err := GetOr404(7, sql.ErrNoRows); !errors.Is(err, pipeline.ErrNotFound) || !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("%v", err)
	}
	if _, err := GetOr404(7, errBroke); err != errBroke {
		t.Errorf("%v", err)
	}
	if _, err := ListOr404([]int{}, nil); !errors.Is(err, pipeline.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if list, err := ListOr404([]int{1}, nil); len(list) != 1 || err != nil {
		t.Errorf("%v %v", list, err)
	}
	c := serve(t, "", func(c *pipeline.Ctx) error { return MethodNotAllowed(c, "PUT", "DELETE") }, "GET /")
	if c.Res().Status != 405 || c.ResponseHeader("Allow") != "PUT, DELETE" {
		t.Errorf("%d %v", c.Res().Status, c.Res().Fields())
	}
}
