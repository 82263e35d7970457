package pipeline

// Hot: the fields of a response, in the order and with the case they were set with.

import (
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// SetHeader sets a response field, replacing all of that name. A value with CR, LF or NUL is refused (header injection):
// the field is dropped and the error is for who cares. Content-Length and Transfer-Encoding are the server's: it does not
// send those that are set here. Date and Server take the place of the server's own; "Connection: close" is [Ctx.CloseAfter], and
// "Connection: keep-alive" nothing, because the server says what becomes of the connection.
func (c *Ctx) SetHeader(name, value string) error {
	c.DelHeader(name)
	switch len(name) {
	case len("Date"), len("Server"):
		c.res.single = c.res.single || strings.EqualFold(name, "Date") || strings.EqualFold(name, "Server")
	case len("Connection"):
		if strings.EqualFold(name, "Connection") && c.connection(value) {
			return nil
		}
	}
	return c.AddHeader(name, value)
}

// connection tells whether a Connection field says what the server says by itself, and heeds it.
func (c *Ctx) connection(value string) bool {
	if strings.EqualFold(value, "close") {
		c.CloseAfter()
		return true
	}
	return strings.EqualFold(value, "keep-alive")
}

// Gives tells which of Date and Server SetHeader has given the response: the server sends none of its own then.
func (r *Response) Gives() (date, server bool) {
	if !r.single {
		return false, false
	}
	for i := range r.fields {
		date = date || strings.EqualFold(r.fields[i].Name, "Date")
		server = server || strings.EqualFold(r.fields[i].Name, "Server")
	}
	return date, server
}

// AddHeader adds a response field; see SetHeader.
func (c *Ctx) AddHeader(name, value string) error {
	if !http1.ValidFieldName(name) || !http1.ValidFieldValue(value) {
		return errFieldValue
	}
	c.res.ready = nil
	if len(name) == len("Content-Type") && strings.EqualFold(name, "Content-Type") {
		c.res.ContentType = value
		return nil
	}
	c.res.fields = append(c.res.fields, ResponseField{name, value})
	return nil
}

// AddParsed adds a response field, other than Content-Type, that needs no look: a parser of http1 has let it through, or it is made of
// constants and numbers.
func (c *Ctx) AddParsed(name, value string) {
	c.res.ready = nil
	c.res.fields = append(c.res.fields, ResponseField{name, value})
}

// SetHeaderBytes is SetHeader with a value that is copied.
func (c *Ctx) SetHeaderBytes(name string, value []byte) error {
	return c.SetHeader(name, c.keep(value))
}

// DelHeader removes the response fields of that name.
func (c *Ctx) DelHeader(name string) {
	if len(name) == len("Content-Type") && strings.EqualFold(name, "Content-Type") {
		c.res.ContentType, c.res.ready = "", nil
	}
	fields := c.res.fields
	for i := 0; i < len(fields); i++ {
		if len(fields[i].Name) == len(name) && strings.EqualFold(fields[i].Name, name) {
			fields = append(fields[:i], fields[i+1:]...)
			c.res.ready = nil
			i--
		}
	}
	clear(c.res.fields[len(fields):])
	c.res.fields = fields
}

// ResponseHeader returns the first value of a response field, or "".
func (c *Ctx) ResponseHeader(name string) string {
	if strings.EqualFold(name, "Content-Type") {
		return c.res.ContentType
	}
	for i := range c.res.fields {
		if strings.EqualFold(c.res.fields[i].Name, name) {
			return c.res.fields[i].Value
		}
	}
	return ""
}
