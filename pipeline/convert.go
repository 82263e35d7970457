package pipeline

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// convert makes a response of err (rules H19, H21) for the layers below limit. When the error handler fails itself, the new
// error leaves this layer: its Response hook is left out and the next layer converts the new error. When every layer of the
// segment failed, the error escapes: to the function-style middleware around the segment, or to the server, which alone
// answers 500.
func (ch *Chain) convert(f *frame, c *Ctx, err error, limit int) {
	for limit = min(limit, ch.depth); limit >= f.floor; limit-- {
		if err = ch.page(c, err); err == nil {
			f.respond(limit)
			return
		}
	}
	c.resetResponse()
	ch.defaultPage(c, 500)
	c.escaped = err
	f.phase = finished
}

// page answers with the error page of err: the handler of its status, a technical page in debug mode, or a plain one. When
// that fails, the error comes back.
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
	c.resetResponse()
	c.err = err
	if e == nil || status == 500 {
		if failed = ch.uncaught(c, err); failed == nil {
			ch.logResponse(c)
			failed = c.RenderNow()
		}
		return failed
	}
	if e.Allow != "" {
		c.SetHeader("Allow", e.Allow)
	}
	if e.ContentRange != "" {
		c.SetHeader("Content-Range", e.ContentRange)
	}
	if ch.technical(e, status) && AnswererOf(err) == nil {
		failed = ch.showDebug(c, status, err)
	} else {
		failed = ch.handleError(c, status)
	}
	if failed != nil {
		c.resetResponse()
		failed = ch.uncaught(c, failed)
	}
	if failed == nil {
		ch.logError(c, e, err)
		failed = c.RenderNow()
	}
	return failed
}

// uncaught answers an error that no table knows: status 500, after the receivers of OnError were told (rules H19, H22).
func (ch *Chain) uncaught(c *Ctx, err error) error {
	ch.failure(c, err)
	c.err = err
	switch {
	case ch.propagate:
		return err
	case ch.debug:
		return ch.showDebug(c, 500, err)
	}
	return ch.handleError(c, 500)
}

// handleError has the error handler of the routes answer (rule H21). What it answered may be rendered later; an error of
// that is not its own any more, and leaves the layer.
func (ch *Chain) handleError(c *Ctx, status int) error {
	conf := c.conf
	if conf == nil {
		conf = ch.root
	}
	h := conf.errors[status-400]
	if h == nil {
		if a := AnswererOf(c.err); a != nil {
			return a.Answer(c)
		}
		ch.defaultPage(c, status)
		return nil
	}
	if err := h(c); err != nil {
		return err
	}
	if !c.Answered() {
		return fmt.Errorf("pipeline: the error handler of status %d returned without an answer", status)
	}
	return nil
}

// technical tells whether developers get a page of their own for e: not for 403 and bodies that cannot be parsed, as in
// Django, nor for statuses that Django has no error for.
func (ch *Chain) technical(e *Error, status int) bool {
	return ch.debug && (status == 404 || status == 400 && !e.unparsed)
}

// showDebug answers with the page for developers.
func (ch *Chain) showDebug(c *Ctx, status int, err error) error {
	if ch.debugPage != nil {
		return ch.debugPage(c, status, err)
	}
	return debugText(c, status, err)
}

// logError notes the errors whose records say more than the status (rule H19, last column).
func (ch *Chain) logError(c *Ctx, e *Error, err error) {
	level := levelOf(c.res.Status)
	if e.Suspicious != "" {
		level = slog.LevelError
	}
	if !ch.logs(level) {
		return
	}
	switch {
	case e.Suspicious != "":
		ch.log(c, level, securityLogger+e.Suspicious, escapeLog(err.Error()), nil)
	case e.unparsed:
		ch.log(c, level, requestLogger, "Bad request (Unable to parse request body): "+escapeLog(c.path), err)
	case e.Status == 403:
		ch.log(c, level, requestLogger, "Forbidden (Permission denied): "+escapeLog(c.path), err)
	case e.Status == 400:
		ch.log(c, level, requestLogger, escapeLog(err.Error())+": "+escapeLog(c.path), err)
	}
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
