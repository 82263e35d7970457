package front

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/script"
	"github.com/wheelpit/wheelpit/server/static"
)

// walk is a request that is explained.
type walk struct {
	rt   *Runtime
	conn *dryConn
	c    *pipeline.Ctx
	r    *request
	out  Explanation
}

type walkKey struct{}

// maxSteps bounds an explanation. Requests are bounded themselves; this is for faults here.
const maxSteps = 1000

func (w *walk) step(s Step) { w.out.Steps = append(w.out.Steps, s) }

// ran takes a step of the rewrite module.
func (w *walk) ran(s script.Step) {
	text := textOf(s.Directive)
	uri := s.Path
	if s.Args != "" {
		uri += "?" + s.Args
	}
	switch {
	case s.Directive.Name == "set":
		text += fmt.Sprintf(" -> %q", s.Value)
	case s.Directive.Name == "if" && s.Held:
		text += " -> true"
	case s.Directive.Name == "if":
		text += " -> false"
	case s.Directive.Name == "rewrite" && s.Held:
		text += " -> " + uri
	case s.Directive.Name == "rewrite":
		text += " -> does not match " + s.Path
	}
	w.step(Step{Kind: s.Directive.Name, Text: text, At: placeOf(s.Directive)})
}

// walk follows request.walk, and tells what each phase decides.
func (w *walk) walk() {
	r := w.r
	r.begin(w.rt)
	w.server()
	if !validHost(w.c.HostBytes()) {
		w.failed(pipeline.ErrBadRequest)
	}
	for r.phase != atEnd && r.phase != atFilter && len(w.out.Steps) < maxSteps {
		if err := w.phase(); err != nil {
			w.failed(err)
		}
	}
	w.finish()
}

// phase takes the request through one phase.
func (w *walk) phase() (err error) {
	r := w.r
	switch r.phase {
	case atServer:
		return r.rewriteServer()
	case atFind:
		err = r.findLocation()
		w.location()
		return err
	case atRewrite:
		if r.loc.fixed != nil {
			w.directive(first(r.loc.from.scope.own["return"]), "")
		}
		return r.rewriteLocation()
	case atAccess, atMirror: // they are taken to let the request pass
		r.phase = atTry
		return nil
	case atTry:
		return w.tryFiles()
	}
	return w.content()
}

// directive notes a directive with what it has led to.
func (w *walk) directive(d *conf.Directive, led string) {
	if led != "" {
		led = " -> " + led
	}
	w.step(Step{Kind: d.Name, Text: textOf(d) + led, At: placeOf(d)})
}

// uri is the current URI with its arguments.
func (w *walk) uri() string {
	if args := w.r.args(); len(args) > 0 {
		return w.c.Path() + "?" + string(args)
	}
	return w.c.Path()
}

// where says where an internal redirect led: to a named location, or to a URI.
func (w *walk) where() string {
	if w.r.phase == atRewrite {
		return textOf(w.r.loc.from.scope.block)
	}
	return w.uri()
}

func (w *walk) tryFiles() error {
	d := first(w.r.loc.outer().from.scope.own["try_files"])
	if w.r.loc.try == nil {
		return w.r.tryFiles()
	}
	err := w.r.tryFiles()
	switch {
	case err != nil:
		w.directive(d, "none exists: "+err.Error())
	case w.r.phase == atContent:
		w.directive(d, w.c.Path()+" exists")
	default:
		w.directive(d, "none exists: "+w.where())
	}
	return err
}

// content tells what would answer. Only what leads to another location is executed: index.
func (w *walk) content() error {
	r := w.r
	d := contentOf(r.loc)
	switch {
	case d != nil:
		w.out.Content = textOf(d)
		w.describe(d)
	case r.loc.from.handled || r.loc.outer().from.handled:
		w.out.Content = "a handler that is not described"
	default:
		return w.files()
	}
	r.phase = atEnd
	return nil
}

// files explains the content phase of a location without a handler.
func (w *walk) files() error {
	r, method := w.r, w.c.Method()
	uri := w.c.PathView()
	if d := r.loc.from.scope.one("dav_methods"); d != nil && slices.Contains(strings.Fields(strings.ToUpper(strings.Join(d.Args, " "))), method) {
		w.out.Content, w.out.File, r.phase = textOf(d), r.filename(), atEnd
		return nil
	}
	if !getOrHead(w.c) && method != "POST" {
		return errNotAllowed
	}
	if !strings.HasSuffix(uri, "/") {
		w.out.Content, w.out.File = "static file", r.filename()
		return w.file()
	}
	if r.loc.directory.random == nil {
		done, err := r.index(uri)
		if done || err != nil {
			if err == nil {
				w.step(Step{Kind: "index", Text: "index -> " + w.where(), At: w.placeOfIndex()})
			}
			return err
		}
	}
	w.out.File = r.filename()
	switch {
	case r.loc.directory.random != nil:
		w.out.Content = "random_index"
	case r.loc.directory.autoindex && getOrHead(w.c):
		w.out.Content = "autoindex"
	default:
		return errForbiddenIndex
	}
	r.phase = atEnd
	return nil
}

func (w *walk) placeOfIndex() At { return placeOf(w.r.loc.from.scope.one("index")) }

// file looks at the file that would be sent.
func (w *walk) file() error {
	kind, err := w.r.look(w.r.path())
	switch {
	case err != nil:
		return err
	case kind == static.Absent:
		return pipeline.ErrNotFound
	case kind == static.Forbidden:
		return pipeline.ErrPermissionDenied
	case !getOrHead(w.c):
		return errNotAllowed
	case kind == static.Directory:
		w.out.Redirect, w.out.Status = w.c.Path()+"/", 301
	}
	w.r.phase = atEnd
	return nil
}

// failed goes on with an error: with error_page, or with the page of its status.
func (w *walk) failed(err error) {
	status, page := statusOf(err), (*conf.Directive)(nil)
	if p := w.r.loc.pageFor(status); p != nil && !w.r.pageDone {
		page = w.r.loc.from.scope.one("error_page")
	}
	w.r.fail(err)
	switch {
	case page != nil:
		w.step(Step{Kind: "error_page", Text: fmt.Sprintf("status %d -> %s", status, w.where()), At: placeOf(page)})
	default:
		w.step(Step{Kind: "status", Text: fmt.Sprint(status)})
	}
}

// finish sums up.
func (w *walk) finish() {
	r, out := w.r, &w.out
	out.URI = w.uri()
	out.Server = Chosen{serverText(r.srv), placeOf(r.srv.scope.block)}
	if b := r.loc.outer().from.scope.block; b.Name != "server" {
		out.Location = Chosen{textOf(b), placeOf(b)}
	}
	if res := w.c.Res(); res.Status != 0 {
		out.Status = res.Status
		if r.status != 0 {
			out.Status = r.status
		}
		for _, f := range res.Fields() {
			if f.Name == "Location" {
				out.Redirect = strings.Clone(f.Value)
			}
		}
	}
	switch {
	case out.Redirect != "":
		out.Content = "redirect"
	case r.status >= 400: // what error_page has led to, or the page of the status
		out.Content = "error page"
	case out.Content == "":
		out.Content = "fixed answer"
	}
	out.Runs = runsOf(r.loc)
}
