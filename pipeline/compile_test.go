package pipeline

import (
	"strings"
	"testing"
)

// breaking panics where it is told to while an application is compiled.
type breaking struct{ in string }

func (m *breaking) at(where string) {
	if m.in == where {
		panic("on purpose")
	}
}

func (m *breaking) Load(*App) error                { m.at("Load"); return nil }
func (m *breaking) Name() string                   { m.at("Name"); return "breaking" }
func (m *breaking) NeedsWorker() bool              { m.at("NeedsWorker"); return false }
func (m *breaking) Selects(*Route) bool            { m.at("Selects"); return true }
func (m *breaking) ProcessView(*Ctx, *Route) error { return nil }
func (m *breaking) Wrap(next Handler) Handler      { m.at("Wrap"); return next }
func (m *breaking) WrapView(_ *Route, next Handler) Handler {
	m.at("WrapView")
	if m.in == "a nil view" {
		return nil
	}
	return next
}

// Whatever an application does while it is compiled, Compile returns, and says what it was.
func TestCompileOutlivesPanics(t *testing.T) {
	for _, in := range []string{"Load", "Name", "NeedsWorker", "Selects", "Wrap", "WrapView", "a nil view", "nothing"} {
		app := New()
		app.Use(&breaking{in})
		app.Get("/", func(c *Ctx) error { return c.NoContent(204) })
		ch, err := app.Compile()
		if in == "nothing" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if ch != nil || err == nil {
			t.Errorf("%s: no error", in)
			continue
		}
		if strings.HasPrefix(in, "a nil") {
			continue
		}
		if stack := FormatStack(StackOf(err)); !strings.Contains(stack, "breaking") || !strings.Contains(err.Error(), "on purpose") {
			t.Errorf("%s: %v\n%s", in, err, stack)
		}
	}
}
