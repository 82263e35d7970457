package edit

import (
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/pipeline/views"
)

// note is what these tests write about.
type note struct{ Title string }

func (n *note) AbsoluteURL() string { return "/notes/" + n.Title + "/" }

type noteForm struct {
	Title string    `form:"title" validate:"required,max=5"`
	Times int       `form:"times" validate:"max=9"`
	Open  bool      `form:"open"`
	On    time.Time `form:"on"`
	Tags  []string  `form:"tag"`
	Not   *int      `form:"not"`
}

func (f *noteForm) Validate() error {
	if f.Title == "none" {
		return errors.New("has no title")
	}
	return nil
}

const page = `{{with .form}}{{if .Bound}}bound{{else}}new{{end}} {{.OK}} title={{.Value "title"}}{{range .Errors "title"}} [{{.}}]{{end}} times={{.Value "times"}}` +
	`{{range .Errors "times"}} [{{.}}]{{end}} open={{.Value "open"}} tag={{.Value "tag"}} not={{.Value "not"}} none={{.Value "none"}}{{range .NonField}} ({{.}}){{end}}{{end}}` +
	`{{with .object}} of {{.Title}}{{end}}{{.extra}}`

// app has one view of each kind; saved is what they did.
func app(t *testing.T) (client *pipelinetest.Client, saved *[]string) {
	t.Helper()
	pages, err := views.HTML(fstest.MapFS{"page.html": {Data: []byte(page)}}, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	saved = new([]string)
	find := func(c *pipeline.Ctx) (*note, error) {
		if c.Param("title") == "gone" {
			return nil, sql.ErrNoRows
		}
		return &note{c.Param("title")}, nil
	}
	save := func(f *noteForm) error {
		switch f.Title {
		case "taken":
			return Wrong("title", "is taken")
		case "late":
			return Wrong("", "It is too late.")
		case "fails":
			return errors.New("no disk")
		}
		*saved = append(*saved, f.Title)
		return nil
	}
	a := pipeline.New()
	a.Path("form/", views.View(&FormView[noteForm]{
		Templates: pages, Template: "page.html", Success: "done",
		Initial: func(*pipeline.Ctx) (noteForm, error) {
			return noteForm{Title: "<a>", Times: 3, Open: true, Tags: []string{"x", "y"}}, nil
		},
		Valid: func(c *pipeline.Ctx, f *noteForm) error {
			if f.Title == "own" {
				return c.Text(201, "own answer")
			}
			return save(f)
		},
		Context: func(_ *pipeline.Ctx, data views.Data) error { data["extra"] = "!"; return nil },
	}))
	a.Path("done/", func(c *pipeline.Ctx) error { return c.Text(200, "done") }, pipeline.Name("done"))
	a.Path("new/", views.View(&CreateView[*note, noteForm]{
		Templates: pages, Template: "page.html",
		Save: func(_ *pipeline.Ctx, f *noteForm) (*note, error) { return &note{f.Title}, save(f) },
	}))
	a.Path("notes/<str:title>/edit/", views.View(&UpdateView[*note, noteForm]{
		Templates: pages, Template: "page.html", Object: find,
		Initial: func(_ *pipeline.Ctx, n *note) (noteForm, error) { return noteForm{Title: n.Title}, nil },
		Save: func(_ *pipeline.Ctx, n *note, f *noteForm) (*note, error) {
			err := save(f)
			return &note{n.Title + "-" + f.Title}, err
		},
	}))
	a.Path("notes/<str:title>/delete/", views.View(&DeleteView[*note]{
		Templates: pages, Template: "page.html", Object: find, Success: "/notes/",
		Remove: func(_ *pipeline.Ctx, n *note) error { *saved = append(*saved, "without "+n.Title); return nil },
	}))
	client = pipelinetest.NewClient(t, a)
	client.AllowErrors = true
	return client, saved
}

// Each view shows, refuses and takes as Django's does.
func TestViews(t *testing.T) {
	for _, c := range []struct {
		method, target, form string
		status               int
		want                 string // the body, or the Location
		saved                string
	}{
		{"GET", "/form/", "", 200, "new true title=&lt;a&gt; times=3 open=on tag=x not= none=!", ""},
		{"POST", "/form/", "title=a&times=2", 302, "/done/", "a"},
		{"PUT", "/form/", "title=a", 302, "/done/", "a"},
		{"POST", "/form/", "", 200, "bound false title= [is required] times= open= tag= not= none=!", ""},
		{"POST", "/form/", "title=much+too+long&times=10&open=on", 200,
			"bound false title=much too long [must be at most 5 characters] times=10 [must be at most 9] open=on tag= not= none=!", ""},
		{"POST", "/form/", "title=a&times=x&none=1", 200, "bound false title=a times=x [must be a whole number] open= tag= not= none=1!", ""},
		{"POST", "/form/", "title=none", 200, "bound false title=none times= open= tag= not= none= (has no title)!", ""},
		{"POST", "/form/", "title=taken", 200, "bound false title=taken [is taken] times= open= tag= not= none=!", ""},
		{"POST", "/form/", "title=late&tag=b&tag=c", 200, "bound false title=late times= open= tag=b not= none= (It is too late.)!", ""},
		{"POST", "/form/", "title=fails", 500, "", ""},
		{"POST", "/form/", "title=own", 201, "own answer", ""},
		{"DELETE", "/form/", "", 405, "", ""},
		{"GET", "/new/", "", 200, "new true title= times=0 open= tag= not= none=", ""},
		{"POST", "/new/", "title=b", 302, "/notes/b/", "b"},
		{"POST", "/new/", "title=taken", 200, "bound false title=taken [is taken] times= open= tag= not= none=", ""},
		{"GET", "/notes/x/edit/", "", 200, "new true title=x times=0 open= tag= not= none= of x", ""},
		{"POST", "/notes/x/edit/", "title=c", 302, "/notes/x-c/", "c"},
		{"POST", "/notes/x/edit/", "title=", 200, "bound false title= [is required] times= open= tag= not= none= of x", ""},
		{"GET", "/notes/gone/edit/", "", 404, "", ""},
		{"POST", "/notes/gone/edit/", "title=c", 404, "", ""},
		{"GET", "/notes/x/delete/", "", 200, " of x", ""},
		{"POST", "/notes/x/delete/", "", 302, "/notes/", "without x"},
		{"DELETE", "/notes/x/delete/", "", 302, "/notes/", "without x"},
		{"POST", "/notes/gone/delete/", "", 404, "", ""},
	} {
		client, saved := app(t)
		values, err := url.ParseQuery(c.form)
		if err != nil {
			t.Fatal(err)
		}
		var options []pipelinetest.Option
		if c.method != "GET" {
			options = append(options, pipelinetest.Form(values))
		}
		res := client.Do(c.method, c.target, options...).AssertStatus(c.status)
		switch {
		case c.status == 302:
			res.AssertHeader("Location", c.want)
		case c.status < 300:
			res.AssertBody(c.want)
		}
		if got := strings.Join(*saved, ","); got != c.saved {
			t.Errorf("%s %s %s: saved %q, want %q", c.method, c.target, c.form, got, c.saved)
		}
	}
}

// What the client's form cannot be wrong about is the request's fault, and no page of the form.
func TestRequestsAtFault(t *testing.T) {
	client, saved := app(t)
	client.Post("/form/", pipelinetest.Body("application/x-www-form-urlencoded; charset=utf-16", "title=a")).AssertStatus(400)
	client.Post("/form/", pipelinetest.Body("multipart/form-data", "x")).AssertStatus(400)
	if len(*saved) != 0 {
		t.Errorf("saved %q", *saved)
	}
}

// What cannot work is refused when it is registered.
func TestChecks(t *testing.T) {
	pages, err := views.HTML(fstest.MapFS{"page.html": {Data: []byte(page)}}, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	find := func(*pipeline.Ctx) (*note, error) { return nil, nil }
	for name, v := range map[string]views.Checker{
		"no Valid":    &FormView[noteForm]{Templates: pages, Template: "page.html"},
		"no template": &FormView[noteForm]{Valid: func(*pipeline.Ctx, *noteForm) error { return nil }},
		"no Save":     &CreateView[*note, noteForm]{Templates: pages, Template: "page.html"},
		"no Object":   &UpdateView[*note, noteForm]{Templates: pages, Template: "page.html"},
		"no Success": &DeleteView[*note]{Templates: pages, Template: "page.html", Object: find,
			Remove: func(*pipeline.Ctx, *note) error { return nil }},
	} {
		if v.Check() == nil {
			t.Errorf("%s: nothing is said", name)
		}
	}
}
