package pipeline

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

func fault() error { return WithStack(errors.New("fault")) }

// foreign carries its stack in a type of its own, as pkg/errors does.
type foreignFrame uintptr

type foreign struct{ pcs []foreignFrame }

func (foreign) Error() string                { return "foreign" }
func (f foreign) StackTrace() []foreignFrame { return f.pcs }

type goErrors struct{ pcs []uintptr }

func (goErrors) Error() string        { return "go-errors" }
func (e goErrors) Callers() []uintptr { return e.pcs }

// loops is an error that is its own cause.
type loops struct{}

func (*loops) Error() string   { return "loops" }
func (l *loops) Unwrap() error { return l }

type loopsJoined struct{}

func (*loopsJoined) Error() string     { return "loops" }
func (l *loopsJoined) Unwrap() []error { return []error{l, l} }

func TestStackOf(t *testing.T) {
	inner := fault()
	here := callers(0)
	tf := make([]foreignFrame, len(here))
	for i, pc := range here {
		tf[i] = foreignFrame(pc)
	}
	for _, c := range []struct {
		name string
		err  error
		want string // of the first frame; empty for no stack
	}{
		{"none", errors.New("x"), ""},
		{"own", inner, "pipeline.fault"},
		{"wrapped", fmt.Errorf("a: %w", inner), "pipeline.fault"},
		{"the innermost counts", WithStack(fmt.Errorf("a: %w", inner)), "pipeline.fault"},
		{"joined", errors.Join(errors.New("x"), inner), "pipeline.fault"},
		{"an Error", &Error{Status: 400, Err: inner}, "pipeline.fault"},
		{"pkg/errors", foreign{tf}, "pipeline.TestStackOf"},
		{"go-errors", fmt.Errorf("%w", goErrors{here}), "pipeline.TestStackOf"},
		{"its own cause", new(loops), ""},
		{"its own causes", new(loopsJoined), ""},
		{"nil", nil, ""},
	} {
		got := ""
		if pcs := StackOf(c.err); pcs != nil {
			f, _ := runtime.CallersFrames(pcs).Next()
			got = f.Function
		}
		if !strings.HasSuffix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	if WithStack(nil) != nil {
		t.Error("WithStack made an error of nil")
	}
	if err := WithStack(ErrNotFound); !errors.Is(err, ErrNotFound) || err.Error() != ErrNotFound.Error() {
		t.Errorf("%v", err)
	}
	var deep func(n int) error
	deep = func(n int) error {
		if n == 0 {
			return fault()
		}
		return deep(n - 1)
	}
	if pcs := StackOf(deep(1000)); len(pcs) != MaxStack {
		t.Errorf("%d frames", len(pcs))
	}
}

// The stack of a panic begins at the function that panicked, however it did.
func TestPanicStack(t *testing.T) {
	var none []int
	var m map[string]int
	var p *Ctx
	for name, f := range map[string]func(){
		"value":   func() { panic("x") },
		"index":   func() { _ = none[len(none)] },
		"nil map": func() { m["a"] = 1 },
		"nil":     func() { _ = p.begun },
		"again": func() {
			defer func() { panic(recover()) }()
			panic("x")
		},
	} {
		err := func() (err *PanicError) {
			defer func() { err = panicError(recover()) }()
			f()
			return nil
		}()
		top, _ := runtime.CallersFrames(StackOf(err)).Next()
		if !strings.Contains(top.Function, "TestPanicStack.func") {
			t.Errorf("%s: the first frame is %s", name, top.Function)
		}
		if text := FormatStack(err.Stack); !strings.Contains(text, "stack_test.go:") || strings.Contains(text, "gopanic\n\t") && name != "again" {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	if FormatStack(nil) != "" {
		t.Error("no stack was printed as something")
	}
}
