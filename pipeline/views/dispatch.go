package views

// Hot: serve runs for every request of a class; no allocation, no map, no defer. compile runs at load.

import (
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// tableSize is a power of two above every method number, so that an index needs no check.
const tableSize = 16

const _ = uint(tableSize - 1 - http1.MethodPatch)

// dispatcher is a compiled class: the handler of every method, by its number in http1. Methods without a verb have
// notAllowed.
type dispatcher struct {
	table      [tableSize]pipeline.Handler
	allow      string
	notAllowed pipeline.Handler
}

// methodNames are Django's http_method_names, in the order of Allow.
var methodNames = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"}

// compile lays out the table of a class (Django: View.setup, dispatch, http_method_not_allowed, options).
func compile(v Verbs, opts []Option) pipeline.Handler {
	o := options{names: methodNames}
	for _, opt := range opts {
		opt(&o)
	}
	d := new(dispatcher)
	if v.Head == nil {
		v.Head = v.Get
	}
	if v.Options == nil {
		v.Options = d.options
	}
	defined := map[string]pipeline.Handler{"GET": v.Get, "POST": v.Post, "PUT": v.Put, "PATCH": v.Patch,
		"DELETE": v.Delete, "HEAD": v.Head, "OPTIONS": v.Options, "TRACE": v.Trace}
	var allow []string
	for _, name := range o.names {
		name = strings.ToUpper(name)
		h, known := defined[name]
		switch {
		case !known:
			return pipeline.Unfit(fmt.Errorf("views: Methods: %q is none of %s", name, strings.Join(methodNames, ", ")))
		case h == nil:
			continue
		case h.Fault() != nil:
			return h
		}
		d.table[http1.LookupMethod([]byte(name))] = h
		allow = append(allow, name)
	}
	d.allow = strings.Join(allow, ", ")
	d.notAllowed = notAllowed(d.allow)
	for i, h := range d.table {
		if h == nil {
			d.table[i] = d.notAllowed
		}
	}
	d.table[http1.MethodOther] = d.other
	return d.serve
}

func (d *dispatcher) serve(c *pipeline.Ctx) error { return d.table[c.Head.Method%tableSize](c) }

// other answers a method that http1 does not number, which may be one in lower case.
func (d *dispatcher) other(c *pipeline.Ctx) error {
	if m := methodOf(c); m != http1.MethodOther {
		return d.table[m%tableSize](c)
	}
	return d.notAllowed(c)
}

// options is the answer to OPTIONS that every class has.
func (d *dispatcher) options(c *pipeline.Ctx) error {
	if err := c.SetHeader("Allow", d.allow); err != nil {
		return err
	}
	return c.NoContent(200)
}

// notAllowed returns a Handler that answers 405. The error is made here so that a request does not have to.
func notAllowed(allow string) pipeline.Handler {
	err := &pipeline.Error{Status: 405, Allow: allow, Message: "method not allowed; allowed: " + allow}
	return func(c *pipeline.Ctx) error {
		if err := c.AnswerError(err); err != nil {
			return err
		}
		return c.SetHeader("Allow", allow) // must be there even if it is empty, or the error page left it out
	}
}
