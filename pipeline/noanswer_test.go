package pipeline

import (
	"log/slog"
	"testing"
)

// clearing clears the response in one of its hooks.
type clearing struct{ in string }

func (m clearing) act(c *Ctx, hook string) error {
	if m.in == hook {
		c.ClearResponse()
	}
	return nil
}

func (m clearing) ProcessTemplateResponse(c *Ctx) error { return m.act(c, "template") }
func (m clearing) ProcessResponse(c *Ctx) error         { return m.act(c, "response") }

// Render of the "late" ones runs behind all hooks.
func (m clearing) Render(c *Ctx) error { return m.act(c, "renderer") }

// A hook that takes the answer away and gives no other is an error (rule H25): there is no response without a status.
func TestNothingLeavesARequestUnanswered(t *testing.T) {
	for _, in := range []string{"template", "response", "renderer"} {
		for _, where := range []string{"view", "hook"} {
			if in == "template" && where == "hook" {
				continue // template hooks do not see it
			}
			app := New()
			app.Logger = slog.New(slog.DiscardHandler)
			m := clearing{in}
			app.Use(responding(func(c *Ctx) error { return c.SetHeader("Outside", "1") }), m)
			if where == "hook" {
				app.Use(responding(func(c *Ctx) error { return c.Render(200, m) }))
			}
			app.Get("/", func(c *Ctx) error { return c.Render(200, m) })
			chain, err := app.Compile()
			if err != nil {
				t.Fatal(err)
			}
			c := request(t, "GET /")
			if out := chain.Run(c); out != Done || c.Res().Status != 500 {
				t.Errorf("%s, %s: outcome %d, status %d", in, where, out, c.Res().Status)
			}
			if late := in == "renderer" && where == "hook"; !late && !c.HasResponseHeader("Outside") {
				t.Errorf("%s, %s: the hooks outside did not run", in, where)
			}
		}
	}
}

// responding is a Response hook.
type responding func(*Ctx) error

func (f responding) ProcessResponse(c *Ctx) error { return f(c) }
