// Package views is what handlers are made of: classes that answer several methods, the generic views that most sites
// consist of, the answers that take more than a line, and decorators. It follows Django's django.views, shortcuts and
// core.paginator; names of template variables are Django's.
//
//	app.Path("articles/", views.View(&views.ListView[Article]{Templates: pages, Template: "list.html", PageSize: 20, Objects: all}))
//	app.Path("articles/<int:id>/", views.View(articleView{store}))      // has Get and Post
//	app.Path("report/", views.NeverCache(views.RequireGet(report)))
//
// # Terms
//
// A class is a value with verbs: methods Get, Post and so on, of the interfaces [Getter], [Poster] and so on. [View] makes
// a Handler of it, once, at load: a table of handlers by the number of the method, so that dispatching a request is one
// indexed call. A generic view is a class that is filled in rather than written. A deferred response is one whose body is
// made after the template hooks have seen what it is made of ([TemplateResponse]). A source is a list that is read a page at
// a time.
//
// # Django's inheritance, in Go
//
// What is a method to override in Django is a field that holds a function here: Objects is get_queryset, Object is
// get_object, Context is get_context_data, Target is get_redirect_url. A class can embed a generic view and add verbs to
// it. As_view's new instance for each request is [New]; the rule is one value that all requests share, which then must not
// be written to while it serves.
//
// # Lifetime
//
// A class passed to View lives as long as the application. An instance of New belongs to one request. Data passed to
// [Render] is read when the handler has returned, before the Response hooks, on the same goroutine. What a stream or an
// event function captures is used after the Response hooks, on a worker; the Ctx is valid there.
//
// # Errors
//
// A constructor that returns a Handler cannot return an error. It returns a Handler whose Fault is the error, which refuses
// the application when it is compiled; decorators pass it on.
//
// # Limits
//
// A stream or an event stream occupies a worker from its beginning to its end. Pages are made in memory before they are
// sent. Generic views, redirects and JSON allocate; classes, 405, OPTIONS and the decorators do not, unless a response has
// a Cache-Control to merge with. The views that edit (Django: FormView, CreateView, UpdateView, DeleteView) are in package edit: this one
// knows no forms.
package views
