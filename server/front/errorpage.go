package front

import (
	"errors"

	"github.com/wheelpit/wheelpit/pipeline"
)

// errorPage is what error_page says for one status.
type errorPage struct {
	status int
	answer int // replaces the status: -1 leaves it, 0 takes what the page answers
	uri    value
}

// fail answers an error: by error_page, or with the page of its status (ngx_http_special_response_handler).
func (r *request) fail(err error) {
	status := statusOf(err)
	c := r.c
	r.report(err, status)
	r.status, r.step, r.ranged, r.oneRange = status, 0, false, false
	if ch, ok := err.(pipeline.Challenger); ok && !c.Answered() { // a hook that answered has done it
		ch.Challenge(c)
	}
	for _, name := range [...]string{"Accept-Ranges", "Last-Modified", "ETag"} {
		c.DelHeader(name)
	}
	if e, ok := err.(*pipeline.Error); ok && e.ContentRange != "" {
		_ = c.SetHeader("Content-Range", e.ContentRange)
	}
	if e, ok := err.(*pipeline.Error); ok && e.Allow != "" {
		_ = c.SetHeader("Allow", e.Allow)
	}
	switch status {
	case 413:
		r.closing = true
		if err == error(errTooLarge) {
			r.dropBody()
		}
	case 400, 414, 495, 496, 497, 500, 501: // the framing or the server itself is in doubt
		r.closing = true
	case 408, 444, 499:
		r.closing = true
	}
	if r.phase != atFilter && !r.pageDone && !errors.Is(err, pipeline.ErrClientGone) {
		if p := r.loc.pageFor(status); p != nil {
			r.errorPage(p, err)
			return
		}
	}
	r.page(status, err)
}

// dropBody leaves the request without its body, so that nobody has what the limit refused: no page of the error, and no application
// that makes one (ngx_http_discard_request_body).
func (r *request) dropBody() {
	r.bodyDropped = true
	r.c.SetBody(nil)
}

// statusOf returns the status that an error becomes.
func statusOf(err error) int {
	if e, ok := err.(*pipeline.Error); ok && e.Status > 0 {
		return e.Status
	}
	var e *pipeline.Error
	if errors.As(err, &e) && e.Status > 0 {
		return e.Status
	}
	return 500
}

// pageFor returns what error_page says for a status, nil when it says nothing.
func (l *location) pageFor(status int) *errorPage {
	for i := range l.errorPages {
		if l.errorPages[i].status == status {
			return &l.errorPages[i]
		}
	}
	return nil
}

// errorPage goes to the page: another location, or another address (ngx_http_send_error_page).
func (r *request) errorPage(p *errorPage, err error) {
	r.pageDone = !r.loc.recursive
	if p.answer >= 0 {
		r.status = p.answer
		r.c.DelHeader("Allow") // was of the 405 that this is no longer
	}
	r.buf = p.uri.append(r.c, r.buf[:0])
	target := r.buf
	var failed error
	switch {
	case len(target) > 0 && target[0] == '@':
		failed = r.redirectNamed(string(target[1:]))
	case len(target) > 0 && target[0] == '/':
		r.methodGet()
		failed = r.redirectTo(target, false)
	default:
		r.away(target)
		return
	}
	if failed != nil {
		r.pageDone, r.closing = true, true
		r.status = statusOf(failed)
		r.report(failed, r.status)
		r.page(r.status, failed)
	}
}

// away answers with a redirect to another address.
func (r *request) away(target []byte) {
	switch r.status {
	case 301, 302, 303, 307, 308:
	default:
		r.status = 302
	}
	_ = r.c.SetHeaderBytes("Location", target) // what cannot be a field is left out
	r.page(r.status, nil)
}

// page answers with the page that NGINX has for a status.
func (r *request) page(status int, err error) {
	c := r.c
	c.SetErr(err)
	if status == 408 || status == 444 || status == 499 || errors.Is(err, pipeline.ErrClientGone) { // whoever waited has gone, or is to be left without an answer
		c.SetStatus(status)
		r.phase, r.aborted = atEnd, true
		return
	}
	r.contentType = "" // of an answer whose X-Accel-Redirect led to the error
	if r.refresh(status) {
		r.answered()
		return
	}
	if body := r.loc.pages[status]; body != nil {
		if shown := shownAs(status); shown != status {
			status, r.status = shown, shown
		}
		_ = c.Static(status, "text/html", body) // cannot fail
	} else {
		_ = c.NoContent(status)
		c.Res().ContentType = ""
	}
	r.answered()
}
