package views

import (
	"fmt"
	"io"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Templates renders named templates. [HTML] makes one of html/template; other engines fit behind the same method. Render
// may be called from many goroutines at a time.
type Templates interface {
	Render(w io.Writer, name string, data any) error
}

// Data are the variables of a template by name (Django: the context).
type Data map[string]any

// TemplateResponse is the deferred part of a response (Django's class of that name): template and data, rendered when the
// template hooks have seen it. A hook gets it from [Deferred] and may change all of it.
type TemplateResponse struct {
	Templates Templates
	Name      string
	Data      any
}

// Render writes the body of c's response. The chain calls it; an error enters the Exception hooks and nothing of what was
// written is sent.
func (t *TemplateResponse) Render(c *pipeline.Ctx) error {
	if err := t.Templates.Render(c, t.Name, t.Data); err != nil {
		return fmt.Errorf("views: template %s: %w", t.Name, err)
	}
	return nil
}

// Render answers with status 200 and an HTML page, rendered when the handler has returned and the template hooks have run
// (Django: render, TemplateResponse). data must stay as it is until then. Another status is set with c.SetStatus, another
// type with c.SetHeader, after this call.
func Render(c *pipeline.Ctx, t Templates, name string, data any) error {
	return c.Render(200, &TemplateResponse{t, name, data})
}

// Deferred returns the template response of c that is still to be rendered, nil when there is none: for ProcessTemplateResponse.
func Deferred(c *pipeline.Ctx) *TemplateResponse {
	t, _ := c.Renderer().(*TemplateResponse)
	return t
}
