package traces

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// run is a scenario while it is being played: it notes what happens.
type run struct {
	scenario *scenario
	trace    []string
	logs     []string
	rows     []string
}

func (r *run) note(event string) { r.trace = append(r.trace, event) }

// event notes what a hook does, with what a probe wants to know.
func (r *run) event(c *pipeline.Ctx, event string, withArgs, withFunc bool) {
	if r.scenario.Probe {
		event += " rm=" + matchOf(c)
		if withFunc {
			event += " func=v"
		}
		if withArgs {
			event += " args=" + pythonList(c.Match.Args()) + " kw=" + kwargsOf(c)
		}
	}
	r.note(event)
}

func matchOf(c *pipeline.Ctx) string {
	if c.Route() == nil {
		return "None"
	}
	return c.Match.Info().ViewName
}

// pythonList prints a list of strings as Python does.
func pythonList(args []any) string {
	var items []string
	for _, a := range args {
		items = append(items, fmt.Sprintf("'%v'", a))
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// kwargsOf prints the parameters as Python's json.dumps does, with sorted keys.
func kwargsOf(c *pipeline.Ctx) string {
	kwargs := c.Match.Kwargs()
	for _, name := range []string{"n", "added", "extra"} {
		if v, ok := c.ParamValue(name); ok {
			kwargs[name] = v
		}
	}
	b, _ := json.Marshal(kwargs)
	return strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(string(b))
}

// act does what an action says. whole is for hooks whose job is to return a response: None is an error there.
func (r *run) act(c *pipeline.Ctx, a action, owner string, status int, whole bool) error {
	if err := r.sideEffects(c, a, owner); err != nil {
		return err
	}
	switch a.Do {
	case "", "pass":
		return nil
	case "none":
		if whole {
			return &exception{class: "ValueError", message: owner + " returned None"}
		}
		return nil
	case "raise":
		return raise(a.Exc, owner)
	}
	if a.Status != 0 {
		status = a.Status
	}
	c.ClearResponse()
	switch a.Do {
	case "respond":
		return c.Text(status, "body:"+owner)
	case "template":
		return c.Render(status, &template{r, owner, a.Render})
	case "stream":
		return c.Stream(status, "text/plain", -1, func(s *pipeline.Stream) error { return r.stream(s, a, owner) })
	}
	return fmt.Errorf("traces: unknown action %q", a.Do)
}

func (r *run) sideEffects(c *pipeline.Ctx, a action, owner string) error {
	if a.DB {
		r.rows = append(r.rows, owner)
	}
	if a.HasConf {
		name := ""
		if a.URLConf != nil {
			name = *a.URLConf
		}
		if err := c.UseRoutes(name); err != nil {
			return err
		}
	}
	for name, value := range a.SetKw {
		if f, ok := value.(float64); ok {
			value = int(f)
		}
		c.SetParam(name, value)
	}
	return nil
}

// template is a deferred response.
type template struct {
	r             *run
	owner, render string
}

// Render writes the body, or fails.
func (t *template) Render(c *pipeline.Ctx) error {
	if class, ok := strings.CutPrefix(t.render, "raise:"); ok {
		t.r.note(t.owner + ".render!" + class)
		return raise(class, t.owner+".render")
	}
	t.r.note(t.owner + ".render")
	_, err := c.Write([]byte("body:" + t.owner))
	return err
}

// stream sends the chunks of an action.
func (r *run) stream(s *pipeline.Stream, a action, owner string) error {
	chunks := 2
	if a.Chunks != nil {
		chunks = *a.Chunks
	}
	for i := range chunks {
		if a.RaiseAt != nil && *a.RaiseAt == i {
			r.note(fmt.Sprintf("%s.chunk%d!ValueError", owner, i))
			return raise("ValueError", owner)
		}
		r.note(fmt.Sprintf("%s.chunk%d", owner, i))
		if _, err := fmt.Fprintf(s, "c%d;", i); err != nil {
			return err
		}
	}
	return nil
}

// transaction undoes what a view has written when it fails (rule H30): ATOMIC_REQUESTS as a middleware.
type transaction struct{ r *run }

// WrapView opens the transaction around each view.
func (t transaction) WrapView(_ *pipeline.Route, next pipeline.Handler) pipeline.Handler {
	return func(c *pipeline.Ctx) error {
		before, done := len(t.r.rows), false
		defer func() {
			if !done {
				t.r.rows = t.r.rows[:before]
			}
		}()
		err := next(c)
		done = err == nil
		return err
	}
}
