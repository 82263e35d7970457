package debugpage

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// reportOf returns the report of a request as JSON has it.
func reportOf(t *testing.T, app *pipeline.App, target string, opts ...pipelinetest.Option) report {
	t.Helper()
	var rep report
	client(t, app).Get(target, append(opts, asJSON)...).JSON(&rep)
	return rep
}

// The tried list is the router's, in order, with names and the prefixes of includes.
func TestTriedIsTheRouters(t *testing.T) {
	app, _ := enabled()
	nothing := func(*pipeline.Ctx) error { return pipeline.ErrNotFound }
	app.Path("articles/<int:year>/", nothing, pipeline.Name("year"))
	app.RePath(`^a/(?P<b>\w+)$`, nothing)
	app.Get("/u/{id}", nothing)
	app.Mount("/static/", nothing)
	blog := pipeline.NewRoutes()
	blog.Path("<slug:post>/", nothing, pipeline.Name("post"))
	app.Include("blog/", blog, pipeline.Scope{App: "blog"})
	cl := client(t, app)
	for target, matched := range map[string]string{"/": "", "/articles/x/": "", "/none?a=1": "", "/u/7": "GET /u/{id}", "/static/x": "/static/", "/%3Cb%3E": "", "/blog/a/b": ""} {
		var rep report
		cl.Get(target, asJSON).JSON(&rep)
		path, _, _ := strings.Cut(target, "?")
		want := cl.Chain().Table().Tried(unescape(path, false))
		if rep.NotFound == nil || rep.NotFound.Matched != matched || len(rep.NotFound.Tried) != len(want) {
			t.Fatalf("%s: %+v", target, rep.NotFound)
		}
		for i, a := range rep.NotFound.Tried {
			if !reflect.DeepEqual(a.Chain, want[i].Chain) || a.Name != want[i].Name {
				t.Errorf("%s: %v, want %v", target, a, want[i])
			}
		}
		text := string(cl.Get(target, asText).Body)
		for i, a := range want {
			if line := fmt.Sprintf("%3d  %s", i+1, strings.Join(a.Chain, " ")); !strings.Contains(text, line) {
				t.Errorf("%s: no %q in\n%s", target, line, text)
			}
		}
		if (matched != "") != strings.Contains(text, "whose handler said not found") {
			t.Errorf("%s:\n%s", target, text)
		}
	}
}

// A mounted application tries its own routes.
func TestTriedInAMountedApplication(t *testing.T) {
	sub, _ := enabled()
	sub.Get("/inner", func(*pipeline.Ctx) error { return nil })
	app, _ := enabled()
	app.MountApp("/sub/", sub)
	rep := reportOf(t, app, "/sub/none")
	if rep.Status != 404 || len(rep.NotFound.Tried) != 1 || rep.NotFound.Tried[0].Chain[0] != "GET /inner" || rep.Request.Target != "/sub/none" {
		t.Errorf("%+v", rep)
	}
}

func TestManyRoutesAreOmitted(t *testing.T) {
	app, _ := enabled()
	for i := range 2*maxList + 5 {
		app.Path(fmt.Sprintf("r%d", i), func(*pipeline.Ctx) error { return nil })
	}
	if rep := reportOf(t, app, "/none"); len(rep.NotFound.Tried) != 2*maxList || rep.NotFound.Omitted != 5 {
		t.Errorf("%d tried, %d omitted", len(rep.NotFound.Tried), rep.NotFound.Omitted)
	}
}

func TestWelcome(t *testing.T) {
	app, _ := enabled()
	cl := client(t, app)
	for _, as := range []pipelinetest.Option{asHTML, asText, asJSON} {
		res := cl.Get("/", as).AssertStatus(200).AssertContains("Wheelpit is running")
		if strings.Contains(string(res.Body), "*pipeline.Error") {
			t.Errorf("an error is shown:\n%s", res.Body)
		}
		if body := string(cl.Get("/x", as).AssertStatus(404).Body); strings.Contains(body, "is running") {
			t.Error(body)
		}
	}
	app.Get("/x", func(*pipeline.Ctx) error { return nil })
	client(t, app).Get("/", asHTML).AssertStatus(404)
}

// fails is where the stack begins; the line of the error is the one that says so.
func fails() error {
	return pipeline.WithStack(errors.New("boom")) // the line
}

// The source shown is that of the file, with the line marked.
func TestSourceLines(t *testing.T) {
	app, r := enabled()
	app.Get("/error", func(*pipeline.Ctx) error { return fails() })
	app.Get("/panic", func(*pipeline.Ctx) error {
		var none []int
		return fmt.Errorf("%d", none[len(none)]) // the line
	})
	_, file, _, _ := runtime.Caller(0)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(string(text), "\n")
	for _, target := range []string{"/error", "/panic"} {
		rep := reportOf(t, app, target)
		f := rep.Stack[0]
		if f.File != file || f.Kind != application || len(f.Source) != 2*around+1 {
			t.Fatalf("%s: %+v", target, f)
		}
		for i, l := range f.Source {
			if l.Number != f.Line-around+i || l.Text != all[l.Number-1] || l.Here != (l.Number == f.Line) {
				t.Errorf("%s: %+v", target, l)
			}
		}
		if here := f.Source[around]; !strings.HasSuffix(here.Text, "// the line") {
			t.Errorf("%s: %+v", target, here)
		}
		if last := rep.Stack[len(rep.Stack)-1]; last.Kind != standard || last.Function != "runtime.goexit" {
			t.Errorf("%s: %+v", target, last)
		}
	}
	for _, f := range reportOf(t, app, "/panic").Stack {
		if strings.Contains(f.Function, "pipeline.measure") {
			t.Errorf("the frames of tracing are shown: %+v", f)
		}
	}
	r.Application = []string{"example.com/app"}
	if rep := reportOf(t, app, "/error"); rep.Stack[0].Kind != library {
		t.Errorf("%+v", rep.Stack[0])
	}
}

func TestKindOf(t *testing.T) {
	own := []string{"main", "example.com/app", "shop"}
	for function, want := range map[string]string{
		"main.main":                              application,
		"main.(*T).M.func1":                      application,
		"example.com/app/a/b.F":                  application,
		"example.com/app.F[...]":                 application,
		"shop/cart.Add":                          application,
		"example.com/apples.F":                   library,
		"gopkg.in/yaml%2ev3.(*T).M":              library,
		module + "/pipeline.(*Chain).run":        library,
		"net/http.(*Server).Serve":               standard,
		"runtime.goexit":                         standard,
		"shopping.F":                             standard,
		"example.com/other.F[example.com/app.T]": library,
	} {
		if got := kindOf(function, own); got != want {
			t.Errorf("%s: %s", function, got)
		}
	}
	if got := new(Reporter).application(); !reflect.DeepEqual(got, []string{"main", module + "/cmd"}) {
		t.Errorf("%v", got)
	}
}

// Only Go files are read, only what the bound allows, and what is not there is no fault.
func TestReadSource(t *testing.T) {
	dir := t.TempDir()
	long := filepath.Join(dir, "long.go")
	if err := os.WriteFile(long, bytes.Repeat([]byte("0123456789abcde\n"), 2*maxSource/16), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &builder{left: maxText}
	files := map[string][][]byte{}
	if n := len(readSource(long)); n != maxSource/16 {
		t.Errorf("%d lines", n)
	}
	for number, want := range map[int]int{1: 6, 6: 11, maxSource / 16: 6, maxSource/16 + 1: 0, 1 << 30: 0} {
		if got := b.source(files, long, number); len(got) != want {
			t.Errorf("line %d: %d lines", number, len(got))
		}
	}
	for _, file := range []string{"", "long.go", dir, filepath.Join(dir, "none.go"), "/etc/passwd", "/dev/zero.go"} {
		if got := readSource(file); got != nil {
			t.Errorf("%s: %d lines", file, len(got))
		}
	}
}

const markup = `<script>alert(1)</script><img src=x onerror="alert(2)">'"&{{.}}`

// Markup comes out as text, wherever it comes in.
func TestMarkupIsText(t *testing.T) {
	app, r := enabled()
	r.Settings = map[string]any{markup: markup}
	app.Path("e/<path:name>", func(c *pipeline.Ctx) error {
		_, _ = c.Body()
		panic(errors.New(c.Param("name") + markup))
	}, pipeline.Name(markup))
	app.Get("/404/"+escapeAll("x")+"/{a}", func(*pipeline.Ctx) error { return pipeline.ErrNotFound })
	for _, target := range []string{"/e/" + escapeAll(markup) + "?" + escapeAll(markup) + "=" + escapeAll(markup), "/none/" + escapeAll(markup)} {
		res := client(t, app).Post(target, asHTML, pipelinetest.Header("X-A", markup), pipelinetest.Header("Cookie", markup+"="+markup),
			pipelinetest.Body("application/x-www-form-urlencoded", escapeAll(markup)+"="+escapeAll(markup)))
		body := string(res.Body)
		for _, banned := range []string{"<script", "<img", `onerror="`} {
			if at := strings.Index(body, banned); at >= 0 {
				t.Errorf("%s: …%s…", target, body[max(0, at-60):at+30])
			}
		}
		if !strings.Contains(body, "&lt;script&gt;alert(1)") {
			t.Errorf("%s: the markup is not shown:\n%s", target, body)
		}
	}
}

// What a terminal or an eye would take for something else is escaped in all forms.
func TestControlCharacters(t *testing.T) {
	app, _ := enabled()
	app.Get("/", func(c *pipeline.Ctx) error { return errors.New("a\x1b[2J\x00\u202eb\xffc\r\nd") })
	cl := client(t, app)
	for _, as := range []pipelinetest.Option{asHTML, asText, asJSON} {
		body := string(cl.Get("/?q=%1b]0;x%07%E2%80%AE%ff%0aForged:+1", as).Body)
		for _, banned := range []string{"\x1b", "\x00", "\u202e", "\xff", "\x07", "\r", "\nForged"} {
			if strings.Contains(body, banned) {
				t.Errorf("%q in\n%s", banned, body)
			}
		}
	}
	for in, want := range map[string]string{"a\x1b\u202e\xff\u0085b": `a\x1b\u202e\xff\u0085b`, "a\nb\tc": `a\nb\tc`, "é世 x": "é世 x", "\ufffd": "\ufffd"} {
		if got := printable(in, false); got != want {
			t.Errorf("%q: %s", in, got)
		}
	}
}
