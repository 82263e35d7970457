package ssi_test

import (
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/ssi"
)

// starter is a Config.Start whose subrequests run answer with their path.
func starter(answer func(path string, w io.Writer, waits func()) (int, error)) func(*pipeline.Ctx, string, string, io.Writer, func()) (func() (int, error), error) {
	return func(_ *pipeline.Ctx, path, _ string, w io.Writer, waits func()) (func() (int, error), error) {
		return func() (int, error) { return answer(path, w, waits) }, nil
	}
}

// page sends a page with commands, and returns it with what it broke off with.
func page(t *testing.T, cfg ssi.Config, pieces ...string) (string, error) {
	t.Helper()
	f, err := ssi.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := pipelinetest.NewCtx(t, "GET", "/")
	_ = c.Stream(200, "text/html", -1, func(s *pipeline.Stream) error {
		for _, p := range pieces {
			if p == "fail" {
				return errPage
			}
			if _, err := io.WriteString(s, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err := f.ProcessResponse(c); err != nil {
		t.Fatal(err)
	}
	res := pipelinetest.Of(t, c)
	return string(res.Body), res.BodyErr
}

var errPage = errors.New("the page breaks off")

const include = `<!--#include virtual="/NAME" -->`

func including(names ...string) string {
	var b strings.Builder
	for _, n := range names {
		b.WriteString(strings.ReplaceAll(include, "NAME", n) + "|")
	}
	return b.String()
}

// Bodies that wait are made at the same time, each ended by the one behind it, and stand in the order of the page.
func TestAlong(t *testing.T) {
	second, third := make(chan struct{}), make(chan struct{})
	cfg := ssi.Config{Start: starter(func(path string, w io.Writer, waits func()) (int, error) {
		waits()
		switch path {
		case "/1":
			<-second
		case "/2":
			<-third
			defer close(second)
		case "/3":
			defer close(third)
		}
		_, err := io.WriteString(w, path)
		return 200, err
	})}
	if got, err := page(t, cfg, "a", including("1", "2"), "b"+including("3")+"c"); got != "a/1|/2|b/3|c" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// A body that does not wait ends before the page goes on.
func TestInTurn(t *testing.T) {
	var mu sync.Mutex
	var order []string // guarded by mu
	note := func(s string) {
		mu.Lock()
		order = append(order, s)
		mu.Unlock()
	}
	cfg := ssi.Config{
		Start: starter(func(path string, _ io.Writer, _ func()) (int, error) {
			note(path)
			return 200, nil
		}),
		Variable: func(_ *pipeline.Ctx, name string, dst []byte) ([]byte, bool) {
			note(name)
			return dst, true
		},
	}
	if _, err := page(t, cfg, `<!--#include virtual="/1" --><!--#echo var="a" --><!--#include virtual="/2" --><!--#echo var="b" -->`); err != nil {
		t.Error(err)
	}
	if got := strings.Join(order, " "); got != "/1 a /2 b" {
		t.Error(got)
	}
}

// wait="yes" and the bound of bodies under way hold the page up.
func TestWait(t *testing.T) {
	var running, most atomic.Int32
	cfg := ssi.Config{Start: starter(func(_ string, w io.Writer, waits func()) (int, error) {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		waits()
		_, err := io.WriteString(w, "x")
		return 200, err
	})}
	waited := strings.Repeat(`<!--#include virtual="/1" wait="yes" -->`, 10)
	if got, err := page(t, cfg, waited); got != strings.Repeat("x", 10) || err != nil || most.Load() != 1 {
		t.Errorf("%q, %v, %d at a time", got, err, most.Load())
	}
	most.Store(0)
	if got, err := page(t, cfg, strings.Repeat(include, 200)); got != strings.Repeat("x", 200) || err != nil || most.Load() > 17 {
		t.Errorf("%q, %v, %d at a time", got, err, most.Load())
	}
}

// A large body, one that is far ahead of the page, and a large page behind one: memory is bounded, and nothing is lost.
func TestFarAhead(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 64<<10) // 1 MiB
	cfg := ssi.Config{Start: starter(func(path string, w io.Writer, waits func()) (int, error) {
		if path == "/wait" {
			waits()
		}
		_, err := io.WriteString(w, long)
		return 200, err
	})}
	got, err := page(t, cfg, including("wait", "long"), long, long, including("long"))
	if want := long + "|" + long + "|" + long + long + long + "|"; got != want || err != nil {
		t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
	}
}

// A page that breaks off ends its subrequests, and waits for their end.
func TestAbandoned(t *testing.T) {
	var ended atomic.Int32
	cfg := ssi.Config{Start: starter(func(_ string, w io.Writer, waits func()) (int, error) {
		waits()
		defer ended.Add(1)
		for {
			if _, err := w.Write(make([]byte, 1000)); err != nil {
				return 0, err
			}
		}
	})}
	if _, err := page(t, cfg, including("1", "2"), "fail"); !errors.Is(err, errPage) || ended.Load() != 2 {
		t.Errorf("%v, %d ended", err, ended.Load())
	}
}

// A block takes the place of a body that is known to fail late.
func TestStubLate(t *testing.T) {
	second := make(chan struct{})
	cfg := ssi.Config{Start: starter(func(path string, w io.Writer, waits func()) (int, error) {
		waits()
		if path == "/2" {
			close(second)
			return 200, nil
		}
		<-second
		_, err := io.WriteString(w, "a page of an error")
		return 502, err
	})}
	got, err := page(t, cfg, `<!--#block name="s" -->stub<!--#endblock --><!--#include virtual="/1" stub="s" -->|<!--#include virtual="/2" stub="s" -->`)
	if got != "stub|stub" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
