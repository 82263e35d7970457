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
	status := statusOf(err)
	if status >= 500 && ch.onError != nil {
		ch.onError(c, err)
	}
	c.resetResponse()
	c.err = err
	if e := (*Error)(nil); errors.As(err, &e) && e.Allow != "" {
		c.SetHeader("Allow", e.Allow)
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

// statusOf returns the status that an error becomes.
func statusOf(err error) int {
	var e *Error
	if errors.As(err, &e) && e.Status >= 400 && e.Status <= 599 {
		return e.Status
	}
	return 500
}

// defaultPage answers with a plain page.
func (ch *Chain) defaultPage(c *Ctx, status int) {
	c.HTML(status, errorPage(status))
}

// errorPage returns NGINX's shape of an error page.
func errorPage(status int) string {
	t := itoa(status) + " " + http1.StatusText(status)
	return "<html>\r\n<head><title>" + t + "</title></head>\r\n<body>\r\n<center><h1>" + t +
		"</h1></center>\r\n<hr><center>wheelpit</center>\r\n</body>\r\n</html>\r\n"
}
