package pipeline

import (
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// MaxStack is how many program counters an error keeps: the innermost ones.
const MaxStack = 64

// StackTracer is an error that knows where it was made: program counters as runtime.Callers returns them, the innermost
// first.
type StackTracer interface{ StackTrace() []uintptr }

// stackError is an error with the place it was made at.
type stackError struct {
	err error
	pcs []uintptr
}

// WithStack returns err with the stack of its caller, for the log and the debug page; nil stays nil. An error that has a
// stack already, of its own or of a cause, is returned as it is, because the innermost place is the telling one. It costs
// a walk of the stack and an allocation, so it is for errors that are faults and not for those that are answers.
func WithStack(err error) error {
	if err == nil || StackOf(err) != nil {
		return err
	}
	return &stackError{err, callers(1)}
}

// Error returns the text of the error.
func (e *stackError) Error() string { return e.err.Error() }

// Unwrap returns the error.
func (e *stackError) Unwrap() error { return e.err }

// StackTrace returns where WithStack was called.
func (e *stackError) StackTrace() []uintptr { return e.pcs }

// callers returns the program counters of the stack, its caller first, or the skip-th function above that.
func callers(skip int) []uintptr {
	var pcs [MaxStack]uintptr
	return slices.Clone(pcs[:runtime.Callers(skip+2, pcs[:])])
}

// panicked returns the program counters from the function that panicked on. It is called by a deferred function, whose
// frames, and those of the runtime between the two, are left out. runtime.gopanic is never inlined, so that the program
// counters behind its own are those of whole frames.
func panicked() []uintptr {
	pcs := callers(1)
	name := func(i int) string {
		if f := runtime.FuncForPC(pcs[i] - 1); f != nil {
			return f.Name()
		}
		return ""
	}
	for i := range pcs {
		if name(i) != "runtime.gopanic" {
			continue
		}
		for i++; i < len(pcs)-1 && strings.HasPrefix(name(i), "runtime."); {
			i++
		}
		return pcs[i:]
	}
	return pcs
}

// StackOf returns the stack that err carries, nil when it has none: that of the innermost error that has one, because it is
// the nearest to the fault. Of joined errors the first with a stack counts. An error has a stack when it has one of the
// methods StackTrace() []uintptr, Callers() []uintptr (as go-errors has it), or a StackTrace whose result is a slice of a
// type that is a uintptr (as pkg/errors has it).
func StackOf(err error) []uintptr { return stackOf(err, 100) }

// stackOf looks at most depth causes deep, for an error that is its own cause.
func stackOf(err error, depth int) []uintptr {
	if err == nil || depth == 0 {
		return nil
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if pcs := stackOf(e.Unwrap(), depth-1); pcs != nil {
			return pcs
		}
	case interface{ Unwrap() []error }:
		for _, cause := range e.Unwrap() {
			if pcs := stackOf(cause, depth/2); pcs != nil {
				return pcs
			}
		}
	}
	return ownStack(err)
}

// ownStack returns the stack of err itself.
func ownStack(err error) []uintptr {
	switch e := err.(type) {
	case StackTracer:
		return e.StackTrace()
	case interface{ Callers() []uintptr }:
		return e.Callers()
	}
	m := reflect.ValueOf(err).MethodByName("StackTrace")
	if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
		return nil
	}
	if t := m.Type().Out(0); t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Uintptr {
		return nil
	}
	trace := m.Call(nil)[0]
	pcs := make([]uintptr, trace.Len())
	for i := range pcs {
		pcs[i] = uintptr(trace.Index(i).Uint())
	}
	return pcs
}

// FormatStack prints a stack as the runtime prints that of a goroutine: two lines for each frame, the function and its
// place. Nothing is printed for no stack.
func FormatStack(pcs []uintptr) string {
	if len(pcs) == 0 {
		return ""
	}
	var b strings.Builder
	frames := runtime.CallersFrames(pcs)
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		b.WriteString(f.Function + "\n\t" + f.File + ":" + strconv.Itoa(f.Line) + "\n")
	}
	return b.String()
}
