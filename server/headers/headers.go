package headers

// Hot: runs for every response; no allocation, no map, no defer.

import (
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter"
)

// Config are the directives.
type Config struct {
	// Fields are added to the head (add_header), Trailers behind the body (add_trailer).
	Fields, Trailers []Field
	// Expires sets Expires and Cache-Control (expires).
	Expires Expires
}

// Field is a field line to be added.
type Field struct {
	Name string
	// Text is the value, if Value is nil.
	Text string
	// Value appends a value with variables. One that comes out empty adds nothing.
	Value filter.Value
	// Always adds it whatever the status is.
	Always bool
}

// Filter is the Response hook.
type Filter struct {
	fields, trailers []Field
	expires          Expires
}

// New checks the configuration.
func New(cfg Config) (*Filter, error) {
	for _, list := range [][]Field{cfg.Fields, cfg.Trailers} {
		for i := range list {
			if !http1.ValidFieldName(list[i].Name) {
				return nil, fmt.Errorf("headers: %q is no name of a field", list[i].Name)
			}
			if !http1.ValidFieldValue(list[i].Text) {
				return nil, fmt.Errorf("headers: %q is no value of a field", list[i].Text)
			}
		}
	}
	return &Filter{cfg.Fields, cfg.Trailers, cfg.Expires}, nil
}

// Validates tells whether the filter sets what If-Range is compared with.
func (f *Filter) Validates() bool {
	for i := range f.fields {
		if f.fields[i].single() {
			return true
		}
	}
	return false
}

// ProcessResponse adds the fields.
func (f *Filter) ProcessResponse(c *pipeline.Ctx) error {
	if filter.Nested(c) {
		return nil
	}
	safe := ordinary(c.Res().Status)
	if safe && f.expires.Kind != Off {
		f.expires.set(c)
	}
	for i := range f.fields {
		if p := &f.fields[i]; safe || p.Always {
			p.add(c)
		}
	}
	if len(f.trailers) > 0 && f.trailing(c, safe) {
		filter.Streamed(c)
		filter.Lengthless(c)
		c.AddTrailer(f)
	}
	return nil
}

// ordinary tells whether a status is one that fields are added to without being asked to.
func ordinary(status int) bool {
	switch status {
	case 200, 201, 204, 206, 301, 302, 303, 304, 307, 308:
		return true
	}
	return false
}

// trailing tells whether the response can have trailers and any is for it.
func (f *Filter) trailing(c *pipeline.Ctx, safe bool) bool {
	if c.Head.Minor == 0 || c.Head.Method == http1.MethodHead || !http1.BodyAllowed(c.Res().Status) {
		return false
	}
	for i := range f.trailers {
		if safe || f.trailers[i].Always {
			return true
		}
	}
	return false
}

// add adds the field to the head.
func (p *Field) add(c *pipeline.Ctx) {
	if p.Value == nil {
		p.put(c, p.Text)
		return
	}
	s := filter.GetScratch()
	s.B = p.Value(c, s.B)
	switch {
	case len(s.B) == 0:
		p.put(c, "")
	case p.single():
		_ = c.SetHeaderBytes(p.Name, s.B) // a value that would end the line is dropped
	default:
		_ = c.AddLaxHeaderBytes(p.Name, s.B) // so is one here; control characters of a decoded URI are not
	}
	s.Put()
}

// put adds the field with a value that stays.
func (p *Field) put(c *pipeline.Ctx, value string) {
	switch single := p.single(); {
	case single && value == "":
		c.DelHeader(p.Name)
	case single:
		_ = c.SetHeader(p.Name, value) // it was checked
	case value != "":
		_ = c.AddHeader(p.Name, value)
	}
}

// single tells whether a response has the field once.
func (p *Field) single() bool {
	switch len(p.Name) {
	case len("ETag"):
		return strings.EqualFold(p.Name, "ETag")
	case len("Last-Modified"):
		return strings.EqualFold(p.Name, "Last-Modified")
	}
	return false
}
