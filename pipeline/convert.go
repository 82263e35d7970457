package pipeline

import (
	"errors"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// convert makes a response of err (rules H19, H21) for the layers below limit. When the error handler fails itself, the new
// error leaves this layer: its Response hook is left out and the next layer converts the new error. When every layer
// failed, the error escapes and the server alone answers 500.
func (ch *Chain) convert(f *frame, c *Ctx, err error, limit int) {
	limit = min(limit, ch.depth)
	for ; ; limit-- {
		if err = ch.page(c, err); err == nil {
			f.respond(limit)
			return
		}
		if limit <= 0 {
			break
		}
	}
	c.escaped = err
	c.resetResponse()
	ch.defaultPage(c, 500)
	f.phase = finished
}

// page answers with the error page of err. An error of an error handler is handed to the one of 500; its own comes back.
func (ch *Chain) page(c *Ctx, err error) (failed error) {
	defer func() {
		if v := recover(); v != nil {
			if _, is := v.(abort); is {
				panic(v)
			}
			failed = panicError(v)
		}
	}()
	e, status := asError(err)
	if status >= 500 && ch.onError != nil {
		ch.onError(c, err)
	}
	c.resetResponse()
	c.err = err
	if e != nil && e.Allow != "" {
		c.SetHeader("Allow", e.Allow)
	}
	if e != nil && e.ContentRange != "" {
		c.SetHeader("Content-Range", e.ContentRange)
	}
	h := ch.errors[status-400]
	if h == nil {
		ch.defaultPage(c, status)
		return nil
	}
	failed = h(c)
	if failed != nil && status != 500 {
		return ch.page(c, &Error{Status: 500, Err: failed})
	}
	return failed
}

// asError returns the Error in err, if any, and the status that err becomes.
func asError(err error) (*Error, int) {
	e, ok := err.(*Error)
	if !ok {
		e = unwrapError(err)
	}
	if e != nil && e.Status >= 400 && e.Status <= 599 {
		return e, e.Status
	}
	return nil, 500
}

// unwrapError finds an Error further in. It is a function of its own because the target of errors.As is allocated.
func unwrapError(err error) (e *Error) {
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// defaultPage answers with a plain page.
func (ch *Chain) defaultPage(c *Ctx, status int) {
	c.Static(status, "text/html; charset=utf-8", ErrorPage(status))
}

// errorPages holds the plain page of every error status, in NGINX's shape.
var errorPages = func() (pages [200][]byte) {
	for i := range pages {
		text := http1.StatusText(400 + i)
		title := itoa(400+i) + " " + text
		pages[i] = []byte("<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
			"</h1></center>\r\n<hr><center>wheelpit</center>\r\n</body>\r\n</html>\r\n")
	}
	return pages
}()

// ErrorPage returns the plain page of an error status; it must not be changed.
func ErrorPage(status int) []byte { return errorPages[max(0, min(status-400, 199))] }
