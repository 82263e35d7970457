package ssi_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/filter"
	"github.com/wheelpit/wheelpit/server/filter/filtertest"
	"github.com/wheelpit/wheelpit/server/ssi"
	"github.com/wheelpit/wheelpit/server/static"
)

// site answers subrequests with files, their commands executed.
type site struct {
	t      *testing.T
	files  map[string]string
	filter *ssi.Filter
}

func newSite(t *testing.T, cfg ssi.Config, files map[string]string) *site {
	t.Helper()
	s := &site{t: t, files: files}
	cfg.Start, cfg.Subrequest, cfg.Variable = s.start, s.ask, variable
	f, err := ssi.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.filter = f
	return s
}

// variable knows arguments of the request and its path, and one that is empty.
func variable(c *pipeline.Ctx, name string, dst []byte) ([]byte, bool) {
	if arg, ok := strings.CutPrefix(name, "arg_"); ok {
		value, found := c.LookupQuery(arg)
		return append(dst, value...), found
	}
	switch name {
	case "uri":
		return append(dst, c.PathView()...), true
	case "args":
		return append(dst, c.QueryBytes()...), true
	}
	return dst, false
}

// Run answers a subrequest.
func (s *site) Run(c *pipeline.Ctx) pipeline.Outcome {
	filter.MarkNested(c)
	ssi.Share(c.Main(), c)
	body, ok := s.files[strings.TrimPrefix(c.Path(), "/")]
	if !ok {
		_ = c.Bytes(404, "text/plain", []byte(filtertest.NotFound))
		return pipeline.Done
	}
	_ = c.Bytes(200, "text/html", []byte(body))
	if err := s.filter.ProcessResponse(c); err != nil {
		s.t.Error(err)
	}
	return pipeline.Done
}

func (s *site) start(c *pipeline.Ctx, path, args string, w io.Writer, _ func()) (func() (int, error), error) {
	status := 0
	run, err := c.Prepare(pipeline.Subrequest{Path: path, Query: []byte(args), To: w, App: s}, func(sub *pipeline.Ctx) error {
		status = sub.Res().Status
		return nil
	})
	return func() (int, error) { err := run(); return status, err }, err
}

func (s *site) ask(c *pipeline.Ctx, path, args string, w io.Writer) (int, error) {
	run, err := s.start(c, path, args, w, nil)
	if err != nil {
		return 0, err
	}
	return run()
}

// run answers with body, in pieces when there are several, on a worker or not.
func (s *site) run(inline bool, pieces ...string) string {
	s.t.Helper()
	opts := []pipelinetest.Option{}
	if inline {
		opts = append(opts, pipelinetest.Inline())
	}
	c := pipelinetest.NewCtx(s.t, "GET", "/dir/page.html?x=1&empty=&html=%3Cb%3E%26%22", opts...)
	_ = c.SetHeader("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")
	if len(pieces) == 1 {
		_ = c.Bytes(200, "text/html", []byte(pieces[0]))
	} else {
		_ = c.Stream(200, "text/html", -1, func(w *pipeline.Stream) error {
			for _, p := range pieces {
				if _, err := io.WriteString(w, p); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := s.filter.ProcessResponse(c); err != nil {
		return "error: " + err.Error()
	}
	c.SetWorker(true) // as streams are sent
	res := pipelinetest.Of(s.t, c)
	if res.BodyErr != nil {
		return string(res.Body) + " broken: " + res.BodyErr.Error()
	}
	return string(res.Body)
}

var files = map[string]string{
	"a.html": "[a]", "dir/b.html": "[b $]", "empty.html": "", "args.html": `[<!--#echo var="args" default="none" -->]`, "set.html": `<!--#set var="inner" value="from within" -->`,
	"uses.html": `(<!--#echo var="outer" -->)`, "nested.html": `{<!--#include virtual="/a.html" --><!--#include file="uses.html" -->}`, "loop.html": `<!--#include virtual="/loop.html" -->.`,
}

const failed = "[an error occurred while processing the directive]"

// cases are bodies and what they become.
var cases = []struct{ body, want string }{
	{"plain", "plain"},
	{"<p>text <!-- comment --> < <! <!- <!-- <!--# ", "<p>text <!-- comment --> < <! <!- <!-- "}, // a command without an end is lost
	{"<<!<!-<!--x<<<!--!", "<<!<!-<!--x<<<!--!"},
	{`a<!--#echo var="arg_x" -->b`, "a1b"},
	{`<!--# echo var='arg_x'-->`, "1"},
	{"<!--#\n\techo\n var \t= \"arg_x\"\n-->", "1"},
	{`<!--#echo var="ARG_X" -->`, "1"},
	{`<!--#echo var="none" -->`, "(none)"},
	{`<!--#echo var="none" default="d<" -->`, "d&lt;"},
	{`<!--#echo var="none" default="" -->|<!--#echo var="arg_empty" -->|`, "||"},
	{`<!--#echo var="arg_html" -->`, "&lt;b&gt;&amp;&quot;"},
	{`<!--#echo var="arg_html" encoding="none" --><!--#echo var="arg_html" -->`, `<b>&"<b>&"`},
	{`<!--#echo var="arg_html" encoding="url" -->`, "%3Cb%3E&%22"},
	{`<!--#echo var="arg_x" encoding="odd" -->`, "1"},
	{`<!--#set var="v" value="a$arg_x-${arg_x}b\$ \"q\" \\ \d" --><!--#echo var="V" encoding="none" -->`, `a1-1b$ "q" \ \d`},
	{`<!--#set var="v" value="1" --><!--#set var="v" value="${v}2" --><!--#echo var="v" -->`, "12"},
	{`<!--#set var="v" value="$" -->`, failed},
	{`<!--#set var="v" value="${x" -->`, failed},
	{`<!--#set var="v" value="$nothing" --><!--#echo var="v" -->|`, "|"},
	{`<!--#if expr="$arg_x" -->yes<!--#else -->no<!--#endif -->.`, "yes."},
	{`<!--#if expr="$arg_empty" -->yes<!--#else -->no<!--#endif -->.`, "no."},
	{`<!--#if expr="$arg_x = 1" -->yes<!--#endif -->`, "yes"},
	{`<!--#if expr="$arg_x=1" -->yes<!--#endif -->`, "yes"},
	{`<!--#if expr="$arg_x != 1" -->yes<!--#else -->no<!--#endif -->`, "no"},
	{`<!--#if expr="$arg_x = 2" -->a<!--#elif expr="$arg_x = 1" -->b<!--#elif expr="$arg_x" -->c<!--#else -->d<!--#endif -->e`, "be"},
	{`<!--#if expr="$arg_x = /^[0-9]$/" -->digit<!--#endif -->`, failed + "digit" + failed},
	{`<!--#if expr="$arg_x = /^([0-9])/" -->digit <!--#echo var="1" --><!--#endif -->`, "digit 1"},
	{`<!--#if expr="ab = /^(?P<Name>.)(.)/" --><!--#echo var="name" --><!--#echo var="2" --><!--#echo var="0" --><!--#echo var="3" --><!--#endif -->`, "abab(none)"},
	{`<!--#if expr="$arg_x = /(/" -->x<!--#endif -->`, failed + "x" + failed},
	{`<!--#if expr="$arg_x = /a" -->x<!--#endif -->`, failed + "x" + failed},
	{`<!--#if expr="$uri = \/dir/page.html" -->x<!--#endif -->`, "x"},
	{`<!--#if expr="$arg_x ~ 1" -->x<!--#endif -->`, failed + "x" + failed},
	{`<!--#if expr="$arg_x" --><!--#if expr="$arg_x" -->x<!--#endif -->y<!--#endif -->`, failed + "xy" + failed},
	{`<!--#if expr="" -->x<!--#endif -->`, ""},
	{`<!--#else -->x<!--#endif -->y`, failed + "x" + failed + "y"},
	{`<!--#if expr="$none" --><!--#odd --><!--#echo var="arg_x" --><!--#endif -->.`, "."},
	{`<!--#odd -->x`, failed + "x"},
	{`<!--#echo -->`, failed},
	{`<!--#echo var="a" var="b" -->`, failed},
	{`<!--#echo odd="a" -->`, failed},
	{`<!--#echo var -->x`, failed + "x"},
	{`<!--#echo var=a -->x`, failed + "x"},
	{`<!--#echo var="a"x -->y`, failed + "y"},
	{`<!--#echo-var="arg_x" -->y --->z`, failed + "y --->z"},
	{`<!--#` + strings.Repeat("c", 32) + ` -->x`, failed + "x"},
	{`<!--#` + strings.Repeat("c", 33) + ` -->x`, failed + "x"},
	{`<!--#echo ` + strings.Repeat("c", 33) + `="" -->x`, failed + "x"},
	{`<!--#set var="v" value="` + strings.Repeat("c", 255) + `" --><!--#echo var="v" -->`, strings.Repeat("c", 255)},
	{`<!--#set var="v" value="` + strings.Repeat("c", 256) + `" --><!--#echo var="v" -->`, failed + "(none)"},
	{`<!--#echo ` + strings.Repeat(`var="a" `, 17) + `-->x`, failed + "x"},
	{`<!--#config errmsg="oops" --><!--#odd -->`, "oops"},
	{`<!--#config timefmt="%%|%Q" --><!--#echo var="date_gmt" -->|<!--#echo var="date_local" -->`, "%|%Q|%|%Q"},
	{`<!--#include virtual="/a.html" -->`, "[a]"},
	{`x<!--#include virtual="b.html" -->y`, "x[b $]y"},
	{`<!--#include file="b.html" -->`, "[b $]"},
	{`<!--#include virtual="/args.html?a=$arg_x&b" -->`, "[a=1&amp;b]"},
	{`<!--#include virtual="/none.html" -->`, filtertest.NotFound},
	{`<!--#include virtual="/../a.html" -->`, failed},
	{`<!--#include -->`, failed},
	{`<!--#include virtual="/a.html" file="b.html" -->`, failed},
	{`<!--#include virtual="/a.html" wait="yes" --><!--#include virtual="/a.html" wait="NO" -->`, "[a][a]"},
	{`<!--#include virtual="/a.html" wait="maybe" -->`, failed},
	{`<!--#include file="b.html" wait="yes" -->`, failed},
	{`<!--#include virtual="/a.html" set="v" -->:<!--#echo var="v" -->`, ":[a]"},
	{`<!--#include virtual="/none.html" set="v" -->:<!--#echo var="v" -->`, ":"},
	{`<!--#block name="s" -->stub <!--#echo var="arg_x" --><!--#endblock -->:<!--#include virtual="/none.html" stub="s" -->|<!--#include virtual="/empty.html" stub="s" -->|<!--#include virtual="/a.html" stub="s" -->`,
		":stub 1|stub 1|[a]"},
	{`<!--#include virtual="/none.html" stub="unknown" -->`, failed},
	{`<!--#include virtual="/a.html" stub="s" set="v" -->`, failed},
	{`<!--#block name="s" --><!--#if expr="$arg_x" -->a<!--#else -->b<!--#endif --><!--#endblock --><!--#include virtual="/none.html" stub="s" -->`, "a"},
	{`<!--#include virtual="/set.html" --><!--#echo var="inner" -->`, "from within"},
	{`<!--#set var="outer" value="o" --><!--#include virtual="/nested.html" -->`, "{[a](o)}"},
	{`<!--#include virtual="/loop.html" -->`, failed + strings.Repeat(".", 50)},
}

func TestCommands(t *testing.T) {
	for _, test := range cases {
		for _, inline := range []bool{false, true} {
			if got := newSite(t, ssi.Config{}, files).run(inline, test.body); got != test.want {
				t.Errorf("%s\n got %q\nwant %q", test.body, got, test.want)
			}
		}
		silent := strings.ReplaceAll(test.want, failed, "")
		if got := newSite(t, ssi.Config{SilentErrors: true}, files).run(false, test.body); got != silent && !strings.Contains(test.body, "config") {
			t.Errorf("silent: %s\n got %q\nwant %q", test.body, got, silent)
		}
	}
}

// A variable that is set to twice itself again and again ends at 1 MiB, and keeps its value from then on.
func TestValuesAreBounded(t *testing.T) {
	body := `<!--#set var="v" value="` + strings.Repeat("x", 32) + `" -->` + strings.Repeat(`<!--#set var="v" value="$v$v" -->`, 20) + `<!--#echo var="v" -->`
	want := strings.Repeat(failed, 5) + strings.Repeat("x", 1<<20)
	if got := newSite(t, ssi.Config{}, nil).run(false, body); got != want {
		t.Errorf("%d bytes, which begin with %.60q; want %d", len(got), got, len(want))
	}
}

// A page whose stub includes with that stub twice would make 2^50 bodies.
func TestIncludesAreBounded(t *testing.T) {
	twice := strings.Repeat(`<!--#include virtual="/empty.txt" stub="s" -->`, 2)
	body := `<!--#block name="s" -->` + twice + `<!--#endblock -->` + twice
	got := newSite(t, ssi.Config{}, map[string]string{"/empty.txt": ""}).run(false, body)
	if n := strings.Count(got, failed); n == 0 || n > 1<<15 {
		t.Errorf("%d errors in %d bytes", n, len(got))
	}
}

func TestSplitAtEveryByte(t *testing.T) {
	for _, test := range cases {
		if len(test.want) > 200 || strings.Contains(test.body, "loop") {
			continue
		}
		for i := range len(test.body) + 1 {
			if got := newSite(t, ssi.Config{}, files).run(false, test.body[:i], test.body[i:]); got != test.want {
				t.Errorf("%s cut at %d\n got %q\nwant %q", test.body, i, got, test.want)
			}
		}
		if got := newSite(t, ssi.Config{}, files).run(false, append(strings.Split(test.body, ""), "")...); got != test.want {
			t.Errorf("%s byte by byte\n got %q\nwant %q", test.body, got, test.want)
		}
	}
}

// A body may be cut anywhere, and nothing that stands in it makes the parser panic.
func FuzzPieces(f *testing.F) {
	for i := range cases {
		f.Add(cases[i].body, uint8(i))
	}
	f.Fuzz(func(t *testing.T, body string, step uint8) {
		if strings.Contains(strings.ToLower(body), "date") || len(body) > 4096 {
			t.Skip() // a second may pass between the two answers
		}
		cfg := ssi.Config{ValueLength: 40}
		whole := newSite(t, cfg, nil).run(false, body)
		var pieces []string
		for n := int(step) + 1; len(body) > n; body = body[n:] {
			pieces = append(pieces, body[:n])
		}
		if got := newSite(t, cfg, nil).run(false, append(pieces, body, "")...); got != whole {
			t.Errorf("in steps of %d: got %q, whole %q", int(step)+1, got, whole)
		}
	})
}

func TestAgainstNginx(t *testing.T) {
	pages := map[string]string{}
	for name, text := range files {
		if name != "loop.html" {
			pages[name] = text
		}
	}
	var targets []string
	for i, test := range cases {
		// Left out are what differs on purpose (see doc.go), and pages of errors, which are each server's own.
		if strings.Contains(test.body, "endblock") || strings.Contains(test.body, "/set.html") || strings.Contains(test.body, "loop") || strings.Contains(test.body, "/none.html\" -->") || strings.Contains(test.body, "<!--x<<<") || strings.Contains(test.body, `\/dir`) ||
			strings.Contains(test.body, "timefmt") || i == 1 {
			continue
		}
		name := fmt.Sprintf("dir/%d.html", i)
		pages[name] = test.body
		targets = append(targets, "/"+name)
	}
	pages["dir/big.html"] = strings.Repeat("text of a page <b>\n", 20000) + `<!--#echo var="arg_x" -->`
	targets = append(targets, "/dir/big.html")
	dir := filtertest.Dir(t, pages)
	nginx := filtertest.Nginx(t, dir, "", "ssi on;")
	s := newSite(t, ssi.Config{}, pages)
	ours := filtertest.Files(t, dir, static.Options{Types: filtertest.Types}, s.filter)
	for _, target := range targets {
		for _, query := range []string{"?x=1&empty=", "?x=2"} {
			want, got := filtertest.Get(t, nginx, "GET", target+query, "1.1"), filtertest.Get(t, ours, "GET", target+query, "1.1")
			if diff := filtertest.Diff(want, got, "Content-Type", "Etag", "Last-Modified", "Accept-Ranges"); diff != "" || got.Body != want.Body {
				t.Errorf("%s: %s\n%.100s\n got %.200q\nnginx %.200q", target, diff, pages[target[1:]], got.Body, want.Body)
			}
		}
	}
}

// A subrequest that breaks off ends the body it is in.
func TestSubrequestBreaksOff(t *testing.T) {
	gone := errors.New("gone")
	for _, begun := range []bool{false, true} {
		f, err := ssi.New(ssi.Config{Start: func(_ *pipeline.Ctx, _, _ string, w io.Writer, _ func()) (func() (int, error), error) {
			return func() (int, error) {
				if begun {
					_, _ = io.WriteString(w, "begin")
				}
				return 0, gone
			}, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		c := pipelinetest.NewCtx(t, "GET", "/")
		_ = c.Stream(200, "text/html", -1, func(s *pipeline.Stream) error {
			_, err := io.WriteString(s, `a<!--#include virtual="/x" -->b`)
			return err
		})
		_ = f.ProcessResponse(c)
		res := pipelinetest.Of(t, c)
		if want := map[bool]string{false: "a" + failed + "b", true: "abegin"}[begun]; string(res.Body) != want || errors.Is(res.BodyErr, gone) != begun {
			t.Errorf("%t: %q, %v", begun, res.Body, res.BodyErr)
		}
	}
}

// Dates are formatted as date(1) does it.
func TestTimeFormat(t *testing.T) {
	for format, want := range map[string]string{
		"%a %A %b %B %d %e": "Sun Sunday Jan January 05  5", "%H:%M:%S %I %p %k|%l": "07:08:09 07 AM  7| 7", "%j %U %W %V %G %g %u %w": "005 01 00 01 2020 20 7 0",
		"%F %T %D %R %r": "2020-01-05 07:08:09 01/05/20 07:08 07:08:09 AM", "%y %Y %C %m %s %Z %%": "20 2020 20 01 1578208089 GMT %", "%c|%x|%X|%h|%n|%t|%Q|%": "Sun Jan  5 07:08:09 2020|01/05/20|07:08:09|Jan|\n|\t|%Q|%",
	} {
		if got := ssi.FormatTime(format, time.Date(2020, 1, 5, 7, 8, 9, 0, time.UTC).Unix()); got != want {
			t.Errorf("%s: got %q, want %q", format, got, want)
		}
	}
}
