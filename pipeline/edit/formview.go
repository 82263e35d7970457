package edit

import (
	"errors"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/views"
)

// FormView shows a form and takes it (Django's class of that name). The data of its template are "form", a *[Form], "view" and "request",
// and what Context adds.
type FormView[F any] struct {
	Templates views.Templates
	Template  string
	// Initial returns what the form begins with; nil is an empty one.
	Initial func(c *pipeline.Ctx) (F, error)
	// Valid gets the form of a client when nothing is wrong with it. It may answer itself. Its error is the view's, but for that of
	// [Wrong], or any other *bind.Problem of status 422, which shows the form again.
	Valid func(c *pipeline.Ctx, form *F) error
	// Success is where the client is sent then, for views.Redirect: a URL, the name of a route, or an object with a page.
	Success any
	// Context is as in views.TemplateView.
	Context func(c *pipeline.Ctx, data views.Data) error
}

// Check refuses a view that has no template, or nothing to do with a form.
func (v *FormView[F]) Check() error {
	if v.Valid == nil {
		return errors.New("has no Valid")
	}
	return check(v.Templates, v.Template)
}

// Get shows the form.
func (v *FormView[F]) Get(c *pipeline.Ctx) error {
	f, err := begin(c, v.Initial)
	if err != nil {
		return err
	}
	return v.show(c, f)
}

// Post takes the form.
func (v *FormView[F]) Post(c *pipeline.Ctx) error {
	f, err := take[F](c)
	if err != nil {
		return err
	}
	if f.OK() {
		if err := f.note(v.Valid(c, &f.Data)); err != nil || c.Answered() {
			return err
		}
	}
	if !f.OK() {
		return v.show(c, f)
	}
	return succeed(c, v.Success, nil)
}

// Put is Post.
func (v *FormView[F]) Put(c *pipeline.Ctx) error { return v.Post(c) }

func (v *FormView[F]) show(c *pipeline.Ctx, f *Form[F]) error {
	return render(c, v.Templates, v.Template, views.Data{"form": f, "view": v}, v.Context)
}

// begin makes the unbound form.
func begin[F any](c *pipeline.Ctx, initial func(*pipeline.Ctx) (F, error)) (*Form[F], error) {
	f := new(Form[F])
	if initial == nil {
		return f, nil
	}
	var err error
	f.Data, err = initial(c)
	return f, err
}

// succeed sends the client on: to success, or else to the page of the object (Django: get_success_url).
func succeed(c *pipeline.Ctx, success, object any) error {
	if success == nil {
		located, ok := object.(views.Located)
		if !ok {
			return errors.New("edit: the view has no Success, and its object no AbsoluteURL")
		}
		success = located
	}
	return views.Redirect(c, success)
}

func check(t views.Templates, name string) error {
	if t == nil || name == "" {
		return errors.New("has no Templates or no Template")
	}
	return nil
}

// render answers with the template, unless context answers or fails.
func render(c *pipeline.Ctx, t views.Templates, name string, data views.Data, context func(*pipeline.Ctx, views.Data) error) error {
	data["request"] = c
	if context != nil {
		if err := context(c, data); err != nil || c.Answered() {
			return err
		}
	}
	return views.Render(c, t, name, data)
}
