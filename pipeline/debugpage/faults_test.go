package debugpage

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// A huge request and a huge error give a page of bounded size in bounded time.
func TestBounds(t *testing.T) {
	app, r := enabled()
	big := strings.Repeat("<x>&é ", 160<<10)
	r.Settings = map[string]any{"big": big, "list": make([]int, 10000)}
	r.Form = func(*pipeline.Ctx) (list []Pair) {
		for i := range 2 * maxGather {
			list = append(list, Pair{fmt.Sprint("token", i), fmt.Sprint("secret-value-", i)})
			if i%5 == 0 {
				list = append(list, Pair{big[:50], big})
			}
		}
		return list
	}
	app.Get("/", func(*pipeline.Ctx) error {
		err := errors.New(big)
		for i := range 30 {
			err = fmt.Errorf("%d: %w", i, errors.Join(err, errors.New("x")))
		}
		return pipeline.WithStack(err)
	})
	opts := make([]pipelinetest.Option, 0, 60)
	for i := range 50 {
		opts = append(opts, pipelinetest.Header(fmt.Sprint("X-", i), big[:300]))
	}
	forms := []pipelinetest.Option{asHTML, asText, asJSON}
	if testing.Short() { // all of it is one goroutine's: the race detector only makes it slow
		forms = forms[:1]
	}
	began := time.Now()
	for _, as := range forms {
		res := client(t, app).Get("/?"+strings.Repeat("a=%3Cb&", 300), append(opts, as)...)
		if n := len(res.Body); res.Status != 500 || n < 100<<10 || n > 6*maxText {
			t.Errorf("%d, %d bytes", res.Status, n)
		}
	}
	if took := time.Since(began); took > 5*time.Minute { // a second or two, were it not for the race detector and a busy machine
		t.Errorf("it took %v", took)
	}
	if rep := reportOf(t, app, "/"); len(rep.Errors) != maxList/5 || len(rep.Request.Form) != maxList || len(rep.Settings) > maxList || len(rep.Detail) > maxMessage+40 {
		t.Errorf("%d errors, %d values, %d settings, %d bytes of detail", len(rep.Errors), len(rep.Request.Form), len(rep.Settings), len(rep.Detail))
	}
	b := &builder{left: 10}
	if got := b.cut("äöüäöü", 12, 5) + b.cut("abc", 3, 100) + b.cut("def", 3, 2); got != "äö… (12 bytes)… (3 bytes)… (3 bytes)" {
		t.Error(got)
	}
}

// trap panics wherever the page touches it.
type trap struct{}

func (trap) Error() string  { panic("trap") }
func (trap) String() string { panic("trap") }

// A fault inside ends in the plain page.
func TestThePageNeverFails(t *testing.T) {
	for name, change := range map[string]func(*Reporter) error{
		"filter": func(r *Reporter) error {
			r.Filter = func(Place, string) bool { panic("filter") }
			return errors.New("x")
		},
		"form":  func(r *Reporter) error { r.Form = func(*pipeline.Ctx) []Pair { panic("form") }; return errors.New("x") },
		"error": func(*Reporter) error { return trap{} },
		"abort": func(r *Reporter) error {
			r.Filter = func(Place, string) bool { pipeline.Abort(); return false }
			return errors.New("x")
		},
		"nil error": func(*Reporter) error { var e *pipeline.Error; return e },
	} {
		app, r := enabled()
		err := change(r)
		app.Get("/", func(*pipeline.Ctx) error { return nil })
		for _, as := range []pipelinetest.Option{asHTML, asText, asJSON} {
			c := pipelinetest.NewCtx(t, "GET", "/?a=b", as)
			if failed := r.Page(c, 500, err); failed != nil {
				t.Errorf("%s: %v", name, failed)
			}
			res := pipelinetest.Of(t, c)
			if !bytes.Equal(res.Body, pipeline.ErrorPage(500)) || res.Status != 500 || res.Header.Get("Content-Security-Policy") != "" {
				t.Errorf("%s: %d %s", name, res.Status, res.Body)
			}
		}
	}
}

// Settings of every kind are shown, and end.
func TestSettings(t *testing.T) {
	type ring struct{ Next *ring }
	loop := new(ring)
	loop.Next = loop
	var none *int
	b := &builder{filter: Secret, left: maxText}
	list := b.flatten(map[string]any{
		"a": 1, "b": []byte("bytes"), "c": time.Second, "d": none, "e": func() {}, "f": map[int]string{2: "two", 1: "one"}, "g": loop, "h": nil,
		"i": struct{ KeyFile, Name string }{"k.pem", "n"}, "j": trap{}, "k": [2]bool{true, false}, "l": any(errors.New("err")),
	})
	var got []string
	for _, e := range b.show(list) {
		got = append(got, e.Name+"="+e.Value)
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{"a=1", "b=bytes", "c=1s", "d=nil", "e=func()", "f.1=one\nf.2=two", "h=nil", "i.KeyFile=" + Mask, "i.Name=n", "k.0=true", "l=err", "j=%!v(PANIC="} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if b.flatten(nil) != nil || !strings.Contains(text, "g.Next.Next") || len(text) > 2000 {
		t.Error(text)
	}
}

// Whatever head the parser takes, there is a page, and no secret is in it.
func FuzzHead(f *testing.F) {
	for _, seed := range []string{"Accept: text/html\r\n", "Cookie: a=b; c\r\nCookie: =;;\r\n", "X: //a@b?c=d&e;f=%zz\r\nAccept: application/json\r\n",
		"Authorization: Basic !!\r\n", "Referer: http://[::1]:x/?%%%=%=&;\r\n", "X-Key: \xff\xfe\r\nHost: a@b\r\n"} {
		f.Add("GET /%ff/a?b=c&d HTTP/1.1\r\n", seed)
	}
	f.Add("POST //u:p@h/?a=%253d HTTP/1.0\r\n", "Content-Type: application/x-www-form-urlencoded\r\n")
	const secret = "Zq7-needle-Zq7"
	f.Fuzz(func(t *testing.T, line, fields string) {
		if strings.Contains(line+fields, "needle") || !strings.HasSuffix(line, "\n") {
			return // a line without an end takes the secret's name for its own text
		}
		head := []byte(line + "X-Token: " + secret + "\r\nHost: h\r\n" + fields + "\r\n")
		c := pipeline.NewCtx()
		limits := http1.DefaultLimits()
		if c.Head.Parse(head, &limits) != http1.Complete {
			return
		}
		head = head[:c.Head.HeadLen] // the line may hold a whole head, so that the secret is behind it
		c.Begin(nil, head, c.Head.Path.Of(head))
		for i := range forms {
			rep := newBuilder(new(Reporter), c).report(500, fmt.Errorf("bad head %q", head))
			body, err := forms[i].render(rep)
			if err != nil || len(body) == 0 || bytes.Contains(body, []byte("needle")) {
				t.Errorf("form %d: %v %s", i, err, body)
			}
		}
	})
}
