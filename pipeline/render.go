package pipeline

import "errors"

// Renderer is the deferred part of a response (Django: SimpleTemplateResponse). Render is called after the template hooks and
// writes the body to c (an io.Writer); status and fields are set before it and may be changed by it. An error enters the
// Exception hooks.
type Renderer interface{ Render(c *Ctx) error }

// Render answers with a response whose body r will write, after ProcessTemplateResponse hooks have had a chance to change
// it (Ctx.Renderer gives them r). A deferred response that a hook made outside the view phase, where Django leaves it
// unrendered and fails, is rendered when it is sent.
func (c *Ctx) Render(status int, r Renderer) error {
	c.body0(status, "text/html; charset=utf-8")
	c.res.renderer = r
	return nil
}

// Renderer returns what will render the response, nil when it needs no rendering.
func (c *Ctx) Renderer() Renderer { return c.res.renderer }

// RenderNow renders a deferred response; of any other it does nothing.
func (c *Ctx) RenderNow() error {
	r := c.res.renderer
	if r == nil {
		return nil
	}
	c.res.renderer = nil
	if err := r.Render(c); err != nil {
		return err
	}
	if !c.Answered() {
		return errors.New("pipeline: a renderer left no answer")
	}
	return nil
}

// renderSafely is RenderNow with a panic as an error.
func (c *Ctx) renderSafely() (err error) {
	defer func() {
		if v := recover(); v != nil {
			if _, is := v.(abort); is {
				panic(v)
			}
			err = panicError(v)
		}
	}()
	return c.RenderNow()
}
