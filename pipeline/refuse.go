package pipeline

import (
	"bytes"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// RefuseWith makes an error page the response of c without running any hook: for a request that the carrier t cannot hand
// to an application, because its head is broken or a limit is passed.
func RefuseWith(c *Ctx, t Transport, status int) {
	retry := c.ResponseHeader("Retry-After")
	c.resetResponse()
	c.transport = t
	c.Static(status, "text/html; charset=utf-8", ErrorPage(status))
	if status == 405 {
		c.SetHeader("Allow", "GET, HEAD, OPTIONS")
	}
	if retry != "" {
		c.SetHeader("Retry-After", retry)
	}
}

// CookieBytes returns the value of the first cookie of that name as a view of the request, nil when there is none.
func (c *Ctx) CookieBytes(name string) []byte {
	for i := c.Head.Next(http1.Cookie, 0); i >= 0; i = c.Head.Next(http1.Cookie, i+1) {
		if v, ok := http1.CookieValue(c.Head.Fields[i].Value.Of(c.head), name); ok {
			return v
		}
	}
	return nil
}

// LookupQuery returns the first value of a query parameter, decoded, and whether it is there.
func (c *Ctx) LookupQuery(name string) (string, bool) {
	raw, ok := http1.QueryValue(c.QueryBytes(), name)
	if !ok {
		return "", false
	}
	if bytes.IndexByte(raw, '%') < 0 && bytes.IndexByte(raw, '+') < 0 {
		return string(raw), true
	}
	b, _ := http1.AppendUnescaped(nil, raw, true)
	return string(b), true
}
