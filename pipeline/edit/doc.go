// Package edit has the generic views that take a form: Django's FormView, CreateView, UpdateView and DeleteView (django.views.generic.edit),
// beside those of package views that only show. A form is a struct of package bind.
//
//	type Contact struct {
//		Name string `form:"name" validate:"required,max=80"`
//		Text string `form:"text" validate:"required"`
//	}
//
//	app.Path("contact/", views.View(&edit.FormView[Contact]{
//		Templates: pages, Template: "contact.html", Success: "/thanks/",
//		Valid: func(c *pipeline.Ctx, f *Contact) error { return mail(f.Name, f.Text) },
//	}))
//
// and in the template:
//
//	<input name="name" value="{{.form.Value "name"}}">{{range .form.Errors "name"}}<p>{{.}}</p>{{end}}
//
// # Terms
//
// A form is bound when it holds what a client has sent, and unbound when it is shown for the first time with what it begins with. What is
// wrong with one of its fields stands beside that; what is wrong with several together, or with none, is an error of the form.
//
//	GET ──▶ unbound form, 200
//	POST ──▶ bind ──▶ Valid or Save ──▶ redirect, 302
//	           └─ wrong ─┴─▶ bound form with what is wrong, 200
//
// PUT is taken as POST is, as in Django.
//
// # Django's inheritance, in Go
//
// As in package views, what is a method to override in Django is a field: Initial is get_initial, Valid is form_valid, Save is form.save,
// Object is get_object, Context is get_context_data, Success is success_url. An object with AbsoluteURL (views.Located) leads to itself where
// there is no Success.
//
// # Limits
//
// A form is decoded and checked within the Limits of its bind.Binder. Fields are text in a template: widgets, form sets and forms made of
// a model are no part of this package. Whether a POST comes from a page of this site is for a middleware to ask.
package edit
