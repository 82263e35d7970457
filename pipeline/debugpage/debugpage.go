package debugpage

import (
	"github.com/wheelpit/wheelpit/pipeline"
)

// Pair is a name with its value.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Reporter makes debug pages. Its zero value is ready; it must not be changed while requests are served.
type Reporter struct {
	// Filter says which values are masked; nil is Secret.
	Filter Filter
	// Settings are what the application declares to be worth showing: a struct, a map, or a pointer to one, at most eight
	// levels deep, pointers and interfaces counted. It must not change while requests are served.
	Settings any
	// Form returns the form values of the request if they have been parsed; it must not wait. nil parses a body of
	// application/x-www-form-urlencoded that is in memory.
	Form func(c *pipeline.Ctx) []Pair
	// Application has the import paths whose functions are the application's, with everything below them. nil is the module
	// of the program and package main.
	Application []string
}

// Enable sets app up for development: errors of status 400, 404 and 500 are shown to the client. It returns the Reporter, to
// be changed before app is compiled.
func Enable(app *pipeline.App) *Reporter {
	r := new(Reporter)
	app.Debug, app.DebugPage = true, r.Page
	return r
}

// Page answers with the report of err under status, from a Reporter's zero value; see Reporter.Page.
func Page(c *pipeline.Ctx, status int, err error) error { return new(Reporter).Page(c, status, err) }

// Page answers with the report of err under status (500 when that is no error status; 200 for the page of welcome). It never
// fails: what goes wrong inside leads to the plain page. It reads files, so that it may block for a short while.
func (r *Reporter) Page(c *pipeline.Ctx, status int, err error) error {
	if status < 400 || status > 599 {
		status = 500
	}
	if err == nil {
		err = &pipeline.Error{Status: status}
	}
	page, ok := r.make(c, status, err)
	if !ok {
		return c.Static(status, "text/html; charset=utf-8", pipeline.ErrorPage(status))
	}
	for _, f := range page.fields {
		_ = c.SetHeader(f.Name, f.Value)
	}
	return c.Bytes(page.status, page.contentType, page.body)
}

// page is a report in one of its forms.
type page struct {
	status      int
	contentType string
	fields      []Pair
	body        []byte
}

// make makes the page; false when something in it failed.
func (r *Reporter) make(c *pipeline.Ctx, status int, err error) (p page, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	rep := newBuilder(r, c).report(status, err)
	form := negotiate(values(c, "Accept"))
	body, failed := form.render(rep)
	fields := append([]Pair{{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}, {"Vary", "Accept"}}, form.fields...)
	return page{rep.Status, form.contentType, fields, body}, failed == nil
}
