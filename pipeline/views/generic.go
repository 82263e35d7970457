package views

import (
	"errors"

	"github.com/wheelpit/wheelpit/pipeline"
)

// TemplateView answers GET with a template (Django's class of that name). Its data are the parameters of the path, "view",
// which is the TemplateView, and, as for every view of this file, "request", which is the Ctx ({{.request.Reverse "home"}}),
// and what Context adds.
type TemplateView struct {
	Templates Templates
	Template  string
	// Context adds variables, or changes them (Django: get_context_data). It may answer itself, and it may fail.
	Context func(c *pipeline.Ctx, data Data) error
}

// Check refuses a view without a template.
func (v *TemplateView) Check() error { return checkTemplate(v.Templates, v.Template) }

// Get answers with the template.
func (v *TemplateView) Get(c *pipeline.Ctx) error {
	data := Data(c.Params())
	data["view"] = v
	return renderWith(c, v.Templates, v.Template, data, v.Context)
}

// ListView answers GET with a list of objects, in pages if PageSize says so (Django's ListView). Its data are, with
// Django's names: "object_list", "paginator" and "page_obj" (nil without pages), "is_paginated" (there is another page),
// "view", and the objects once more under ContextName.
//
// With pages, the parameter PageParam of the path or the query is the number of the page, or "last"; one that does not
// exist is a 404.
type ListView[T any] struct {
	Templates Templates
	Template  string
	// Objects returns the list for a request. It is read after Objects has returned, within the request.
	Objects func(c *pipeline.Ctx) (Source[T], error)
	// ContextName is another name of the objects in the template (Django: context_object_name).
	ContextName string
	// PageSize is the number of objects on a page (Django: paginate_by), 0 for all on one. Orphans is as in
	// PaginatorOptions.
	PageSize, Orphans int
	// PageParam names the parameter that has the page; "page" if empty (Django: page_kwarg).
	PageParam string
	// RefuseEmpty makes an empty list a 404 (Django: allow_empty=False).
	RefuseEmpty bool
	// Context is as in TemplateView.
	Context func(c *pipeline.Ctx, data Data) error
}

// Check refuses a view without a template or a list.
func (v *ListView[T]) Check() error {
	switch {
	case v.Objects == nil:
		return errors.New("has no Objects")
	case v.PageSize < 0 || v.Orphans < 0:
		return errors.New("PageSize or Orphans is below 0")
	}
	return checkTemplate(v.Templates, v.Template)
}

// Get answers with the list.
func (v *ListView[T]) Get(c *pipeline.Ctx) error {
	source, err := v.Objects(c)
	if err != nil {
		return err
	}
	data := Data{"view": v, "paginator": nil, "page_obj": nil, "is_paginated": false}
	objects, err := v.read(c, source, data)
	if errors.Is(err, ErrInvalidPage) {
		return &pipeline.Error{Status: 404, Err: err}
	}
	if err != nil {
		return err
	}
	data["object_list"] = objects
	if v.ContextName != "" {
		data[v.ContextName] = objects
	}
	return renderWith(c, v.Templates, v.Template, data, v.Context)
}

// read returns the objects of the page asked for, or all, and notes in data what there is to say of pages.
func (v *ListView[T]) read(c *pipeline.Ctx, source Source[T], data Data) ([]T, error) {
	if v.PageSize == 0 {
		n, err := source.Count()
		if err != nil {
			return nil, err
		}
		if n == 0 && v.RefuseEmpty {
			return nil, ErrEmptyPage
		}
		return source.Slice(0, n)
	}
	p, err := NewPaginator(source, PaginatorOptions{v.PageSize, v.Orphans, v.RefuseEmpty})
	if err != nil {
		return nil, err
	}
	page, err := p.PageOf(v.page(c))
	if err != nil {
		return nil, err
	}
	data["paginator"], data["page_obj"], data["is_paginated"] = p, page, page.HasOtherPages()
	return page.Objects, nil
}

// page returns the number of the page as the client sent it.
func (v *ListView[T]) page(c *pipeline.Ctx) string {
	name := v.PageParam
	if name == "" {
		name = "page"
	}
	if s := c.Param(name); s != "" {
		return s
	}
	if s := c.Query(name); s != "" {
		return s
	}
	return "1"
}

// DetailView answers GET with one object (Django's DetailView). Its data are "object", "view", and the object once more
// under ContextName.
type DetailView[T any] struct {
	Templates Templates
	Template  string
	// Object finds the object of a request. Its error is a 404 if it says that nothing was found; see [OrNotFound].
	Object func(c *pipeline.Ctx) (T, error)
	// ContextName is another name of the object in the template (Django: context_object_name).
	ContextName string
	// Context is as in TemplateView.
	Context func(c *pipeline.Ctx, data Data) error
}

// Check refuses a view without a template or an object.
func (v *DetailView[T]) Check() error {
	if v.Object == nil {
		return errors.New("has no Object")
	}
	return checkTemplate(v.Templates, v.Template)
}

// Get answers with the object.
func (v *DetailView[T]) Get(c *pipeline.Ctx) error {
	object, err := v.Object(c)
	if err != nil {
		return OrNotFound(err)
	}
	data := Data{"view": v, "object": object}
	if v.ContextName != "" {
		data[v.ContextName] = object
	}
	return renderWith(c, v.Templates, v.Template, data, v.Context)
}

func checkTemplate(t Templates, name string) error {
	if t == nil || name == "" {
		return errors.New("has no Templates or no Template")
	}
	return nil
}

// renderWith answers with a template unless context answers or fails.
func renderWith(c *pipeline.Ctx, t Templates, name string, data Data, context func(*pipeline.Ctx, Data) error) error {
	data["request"] = c
	if context != nil {
		if err := context(c, data); err != nil || c.Answered() {
			return err
		}
	}
	return Render(c, t, name, data)
}
