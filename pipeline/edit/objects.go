package edit

import (
	"errors"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/views"
)

// CreateView makes an object of a form (Django's class of that name). The data of its template are those of FormView.
type CreateView[T, F any] struct {
	Templates views.Templates
	Template  string
	// Initial is as in FormView.
	Initial func(c *pipeline.Ctx) (F, error)
	// Save makes the object. Its errors are as those of FormView.Valid.
	Save func(c *pipeline.Ctx, form *F) (T, error)
	// Success is as in FormView; nil is the page of the object.
	Success any
	// Context is as in views.TemplateView.
	Context func(c *pipeline.Ctx, data views.Data) error
}

// Check refuses a view without a template, or that does not save.
func (v *CreateView[T, F]) Check() error {
	if v.Save == nil {
		return errors.New("has no Save")
	}
	return check(v.Templates, v.Template)
}

// Get shows the form.
func (v *CreateView[T, F]) Get(c *pipeline.Ctx) error {
	f, err := begin(c, v.Initial)
	if err != nil {
		return err
	}
	return v.show(c, f)
}

// Post takes the form.
func (v *CreateView[T, F]) Post(c *pipeline.Ctx) error {
	show := func(f *Form[F]) error { return v.show(c, f) }
	return save(c, v.Success, func(form *F) (T, error) { return v.Save(c, form) }, show)
}

// Put is Post.
func (v *CreateView[T, F]) Put(c *pipeline.Ctx) error { return v.Post(c) }

func (v *CreateView[T, F]) show(c *pipeline.Ctx, f *Form[F]) error {
	return render(c, v.Templates, v.Template, views.Data{"form": f, "view": v}, v.Context)
}

// UpdateView changes an object by a form (Django's class of that name). The data of its template are those of FormView and "object".
type UpdateView[T, F any] struct {
	Templates views.Templates
	Template  string
	// Object finds the object of a request. Its error is a 404 if it says that nothing was found; see views.OrNotFound.
	Object func(c *pipeline.Ctx) (T, error)
	// Initial is what the form of the object begins with.
	Initial func(c *pipeline.Ctx, object T) (F, error)
	// Save changes the object and returns it. Its errors are as those of FormView.Valid.
	Save func(c *pipeline.Ctx, object T, form *F) (T, error)
	// Success is as in FormView; nil is the page of the object.
	Success any
	// Context is as in views.TemplateView.
	Context func(c *pipeline.Ctx, data views.Data) error
}

// Check refuses a view without a template or an object, or that does not save.
func (v *UpdateView[T, F]) Check() error {
	if v.Object == nil || v.Initial == nil || v.Save == nil {
		return errors.New("has no Object, no Initial or no Save")
	}
	return check(v.Templates, v.Template)
}

// Get shows the form.
func (v *UpdateView[T, F]) Get(c *pipeline.Ctx) error {
	object, err := v.Object(c)
	if err != nil {
		return views.OrNotFound(err)
	}
	f, err := begin(c, func(c *pipeline.Ctx) (F, error) { return v.Initial(c, object) })
	if err != nil {
		return err
	}
	return v.show(c, object, f)
}

// Post takes the form.
func (v *UpdateView[T, F]) Post(c *pipeline.Ctx) error {
	object, err := v.Object(c)
	if err != nil {
		return views.OrNotFound(err)
	}
	show := func(f *Form[F]) error { return v.show(c, object, f) }
	return save(c, v.Success, func(form *F) (T, error) { return v.Save(c, object, form) }, show)
}

// Put is Post.
func (v *UpdateView[T, F]) Put(c *pipeline.Ctx) error { return v.Post(c) }

func (v *UpdateView[T, F]) show(c *pipeline.Ctx, object T, f *Form[F]) error {
	return render(c, v.Templates, v.Template, views.Data{"form": f, "object": object, "view": v}, v.Context)
}

// save takes the form for both.
func save[T, F any](c *pipeline.Ctx, success any, do func(form *F) (T, error), show func(*Form[F]) error) error {
	f, err := take[F](c)
	if err != nil {
		return err
	}
	var object T
	if f.OK() {
		object, err = do(&f.Data)
		if err = f.note(err); err != nil || c.Answered() {
			return err
		}
	}
	if !f.OK() {
		return show(f)
	}
	return succeed(c, success, object)
}

// DeleteView asks whether an object is to be deleted, and does so (Django's class of that name). The data of its template are "object", "view"
// and "request".
type DeleteView[T any] struct {
	Templates views.Templates
	Template  string
	// Object finds the object of a request, as in UpdateView.
	Object func(c *pipeline.Ctx) (T, error)
	// Remove deletes it. It may answer itself.
	Remove func(c *pipeline.Ctx, object T) error
	// Success is where the client is sent then, as in FormView.
	Success any
	// Context is as in views.TemplateView.
	Context func(c *pipeline.Ctx, data views.Data) error
}

// Check refuses a view without a template or an object, that does not delete, or that leads nowhere.
func (v *DeleteView[T]) Check() error {
	if v.Object == nil || v.Remove == nil || v.Success == nil {
		return errors.New("has no Object, no Remove or no Success")
	}
	return check(v.Templates, v.Template)
}

// Get asks.
func (v *DeleteView[T]) Get(c *pipeline.Ctx) error {
	object, err := v.Object(c)
	if err != nil {
		return views.OrNotFound(err)
	}
	return render(c, v.Templates, v.Template, views.Data{"object": object, "view": v}, v.Context)
}

// Post deletes.
func (v *DeleteView[T]) Post(c *pipeline.Ctx) error {
	object, err := v.Object(c)
	if err != nil {
		return views.OrNotFound(err)
	}
	if err := v.Remove(c, object); err != nil || c.Answered() {
		return views.OrNotFound(err)
	}
	return succeed(c, v.Success, nil)
}

// Delete is Post.
func (v *DeleteView[T]) Delete(c *pipeline.Ctx) error { return v.Post(c) }
