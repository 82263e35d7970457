package debugpage

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// The Accept fields of the three forms.
var (
	asHTML = pipelinetest.Header("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	asText = pipelinetest.Header("Accept", "*/*")
	asJSON = pipelinetest.Header("Accept", "application/json, text/plain, */*")
)

// enabled returns an application with the page, whose own frames are those of this package.
func enabled() (*pipeline.App, *Reporter) {
	app := pipeline.New()
	r := Enable(app)
	r.Application = []string{module + "/pipeline/debugpage"}
	return app, r
}

func client(t testing.TB, app *pipeline.App) *pipelinetest.Client {
	t.Helper()
	cl := pipelinetest.NewClient(t, app)
	cl.AllowErrors = true
	return cl
}

// stamp is a middleware for Explain.
type stamp struct{}

func (stamp) Name() string                         { return "stamp" }
func (stamp) ProcessRequest(c *pipeline.Ctx) error { return nil }
func (stamp) ProcessException(*pipeline.Ctx, error) error {
	return nil
}

// edit fails the way applications do: an error of a library, wrapped on its way up.
func edit(c *pipeline.Ctx) error {
	if _, err := c.Body(); err != nil {
		return err
	}
	_, err := os.Open("/nonexistent/articles.db")
	return fmt.Errorf("editing article %s: %w", c.Param("id"), errors.Join(pipeline.WithStack(err), errors.New("rolled\nback")))
}

const golden = `500 Internal Server Error
fs.PathError at /articles/42/edit

editing article 42: open /nonexistent/articles.db: no such file or directory
rolled
back

Errors
  *fmt.wrapError: editing article 42: open /nonexistent/articles.db: no such file or directory
    rolled
    back
    *errors.joinError: open /nonexistent/articles.db: no such file or directory
      rolled
      back
      *pipeline.stackError: open /nonexistent/articles.db: no such file or directory
        *fs.PathError: open /nonexistent/articles.db: no such file or directory
          syscall.Errno: no such file or directory
      *errors.errorString: rolled
        back

Stack
* github.com/wheelpit/wheelpit/pipeline/debugpage.edit
...
Request
  method: POST
  target: /articles/42/edit?draft=1&token=********************&draft=2
  path: /articles/42/edit
  client: 127.0.0.1:50000
  route: articles/<int:id>/edit
  route name: edit
  handler: github.com/wheelpit/wheelpit/pipeline/debugpage.edit

Parameters
  id: 42

Query
  draft: 1
  token: ********************
  draft: 2

Form
  title: A & B
  password: ********************

Cookies
  sessionid: ********************
  theme: ********************

Fields
  Host: testserver
  Accept: */*
  Authorization: ********************
  Cookie: ********************
  Referer: http://********************@h/x?api_key=********************&b=1#f
  Content-Type: application/x-www-form-urlencoded
  Content-Length: 37

Hooks
  articles/<int:id>/edit
    request    stamp (reactor)
    resolve
    handler    (worker)
    exception  stamp (on error)

Trace (start, duration in ms)
  N N  request    stamp
  N N  handler    articles/<int:id>/edit  (editing article 42: open /nonexistent/articles.db: no such file or directory\nrolled\nback)
  N N  exception  stamp

Settings
  Databases.default.Host: db.example
  Databases.default.Password: ********************
  Debug: true
  Hosts.0: a
  Hosts.1: b

Build
`

type database struct{ Host, Password string }

func TestTextGolden(t *testing.T) {
	app, r := enabled()
	r.Settings = struct {
		Databases map[string]*database
		Debug     bool
		Hosts     []string
		hidden    int
	}{Databases: map[string]*database{"default": {"db.example", "s3cr3t-db"}}, Debug: true, Hosts: []string{"a", "b"}}
	app.Use(stamp{})
	app.Path("articles/<int:id>/edit", edit, pipeline.Name("edit"))
	res := client(t, app).Post("/articles/42/edit?draft=1&token=s3cr3t-query&draft=2", asText,
		pipelinetest.BasicAuth("user", "s3cr3t-basic"), pipelinetest.Header("Cookie", "sessionid=s3cr3t-sid; theme=dark"),
		pipelinetest.Header("Referer", "http://u:s3cr3t-url@h/x?api_key=s3cr3t-key&b=1#f"), pipelinetest.Body("application/x-www-form-urlencoded", "title=A+%26+B&password=s3cr3t-form%21"))
	got := string(res.Body)
	got = regexp.MustCompile(`(?s)(debugpage\.edit\n).*?\n\nRequest`).ReplaceAllString(got, "$1...\nRequest")
	got = regexp.MustCompile(`(?m)^  +\d+\.\d{3} +\d+\.\d{3}`).ReplaceAllString(got, "  N N")
	got, _, _ = strings.Cut(got, "  Go: ")
	if got != golden {
		t.Errorf("got\n%s\nwant\n%s", got, golden)
	}
}

func TestForms(t *testing.T) {
	app, _ := enabled()
	app.Get("/", func(*pipeline.Ctx) error { panic("at once") })
	cl := client(t, app)
	for _, c := range []struct {
		accept, contentType string
	}{
		{"text/html", "text/html"},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"},
		{"application/json", "application/problem+json"},
		{"application/problem+json", "application/problem+json"},
		{"application/json;q=0.5, text/html;q=0.4", "application/problem+json"},
		{"application/json, text/html", "text/html"},
		{"TEXT/HTML ; Q=1", "text/html"},
		{"text/html;q=0", "text/plain"},
		{"text/html;q=x", "text/plain"},
		{"text/html;q=NaN", "text/plain"},
		{"text/plain, text/html;q=0.9", "text/plain"},
		{"*/*", "text/plain"},
		{"text/*", "text/plain"},
		{"image/png", "text/plain"},
		{"", "text/plain"},
	} {
		var opts []pipelinetest.Option
		if c.accept != "" {
			opts = append(opts, pipelinetest.Header("Accept", c.accept))
		}
		res := cl.Get("/", opts...)
		if got, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";"); got != c.contentType || res.Status != 500 {
			t.Errorf("%q: %d %s", c.accept, res.Status, got)
		}
		if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("Vary") != "Accept" {
			t.Errorf("%q: %v", c.accept, res.Header)
		}
	}
}

// The policy allows the style sheet as it was sent, and nothing in the page needs more.
func TestHTMLKeepsItsPolicy(t *testing.T) {
	app, _ := enabled()
	app.Get("/", func(*pipeline.Ctx) error { panic("at once") })
	res := client(t, app).Get("/", asHTML)
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindSubmatch(res.Body)
	if style == nil {
		t.Fatal("no style")
	}
	sum := sha256.Sum256(style[1])
	csp := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || !strings.Contains(csp, "default-src 'none'") {
		t.Error(csp)
	}
	for _, banned := range []string{"<script", "<link", "<img", "style=\"", "onclick", "url(", "@import", "src="} {
		if strings.Contains(strings.Split(string(res.Body), "</header>")[0], banned) {
			t.Errorf("the page has %q", banned)
		}
	}
	for _, want := range []string{"<h1>panic at /</h1>", "at once", "<details open>", `<code class="here">`, "prefers-color-scheme: dark"} {
		if !strings.Contains(string(res.Body), want) {
			t.Errorf("no %q in\n%s", want, res.Body)
		}
	}
}

func TestTitles(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		title  string
	}{
		{errors.New("x"), 500, "errors.errorString at /x"},
		{fmt.Errorf("a: %w", os.ErrNotExist), 500, "errors.errorString at /x"},
		{pipeline.WithStack(fmt.Errorf("a: %w", &os.PathError{Op: "open", Path: "p", Err: os.ErrNotExist})), 500, "fs.PathError at /x"},
		{&pipeline.Error{Status: 400, Err: &url.Error{Op: "Get", URL: "u", Err: os.ErrClosed}}, 400, "url.Error at /x"},
		{pipeline.ErrBadRequest, 400, "pipeline.Error at /x"},
		{pipeline.ErrNotFound, 404, "Page not found at /x"},
		{&pipeline.PanicError{Value: "x"}, 500, "panic at /x"},
		{&pipeline.PanicError{Value: &os.PathError{Op: "open", Path: "p", Err: os.ErrNotExist}}, 500, "fs.PathError at /x"},
		{nil, 500, "pipeline.Error at /x"},
		{errors.New("x"), 200, "errors.errorString at /x"},
	} {
		ctx := pipelinetest.NewCtx(t, "GET", "/x", asJSON)
		if err := Page(ctx, c.status, c.err); err != nil {
			t.Fatal(err)
		}
		res := pipelinetest.Of(t, ctx)
		var got report
		res.JSON(&got)
		if want := max(c.status, 400); got.Title != c.title || got.Status != res.Status || res.Status != want && want != 400 {
			t.Errorf("%v: %d %q", c.err, res.Status, got.Title)
		}
	}
}

// The JSON says what the report says; a client may depend on these names.
func TestJSONMembers(t *testing.T) {
	app, _ := enabled()
	app.Path("articles/<int:id>/edit", edit)
	var got map[string]any
	res := client(t, app).Get("/articles/7/edit?a=1", asJSON)
	res.JSON(&got)
	for _, name := range []string{"status", "title", "detail", "errors", "stack", "request", "hooks", "trace", "build"} {
		if got[name] == nil {
			t.Errorf("no %s", name)
		}
	}
	if got["status"] != 500.0 || !json.Valid(res.Body) {
		t.Errorf("%v", got["status"])
	}
	query := got["request"].(map[string]any)["query"]
	if !reflect.DeepEqual(query, []any{map[string]any{"name": "a", "value": "1"}}) {
		t.Errorf("%v", query)
	}
}
