package pipeline

import (
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// AddHeaderBytes is AddHeader with a value that is copied.
func (c *Ctx) AddHeaderBytes(name string, value []byte) error {
	return c.AddHeader(name, c.keep(value))
}

// AddLaxHeaderBytes is AddHeaderBytes for a value that may hold control characters other than CR, LF and NUL, the ones by which a
// value ends. RFC 9110 section 5.5 lets recipients keep them; NGINX sends what a variable has.
func (c *Ctx) AddLaxHeaderBytes(name string, value []byte) error {
	if !http1.ValidFieldName(name) {
		return errFieldValue
	}
	for _, b := range value {
		if b == '\r' || b == '\n' || b == 0 {
			return errFieldValue
		}
	}
	if len(name) == len("Content-Type") && strings.EqualFold(name, "Content-Type") {
		return c.AddHeaderBytes(name, value)
	}
	c.res.ready = nil
	c.res.fields = append(c.res.fields, ResponseField{name, c.keep(value)})
	return nil
}
