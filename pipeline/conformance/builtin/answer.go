package builtin

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/conformance/report"
)

// read takes the response out of c. A stream is run, as the server does after the hooks.
func (a *answer) read(c *pipeline.Ctx) error {
	res := c.Res()
	a.status, a.err, a.length = res.Status, c.Err(), res.Length()
	for _, f := range res.Fields() {
		a.fields[f.Name] = append(a.fields[f.Name], f.Value)
	}
	if res.Stream() != nil {
		if err := c.SendStream(); err != nil {
			return err
		}
		a.body = c.Transport().(*wire).body
	}
	for _, part := range res.Parts() {
		a.body = append(a.body, part.Bytes...)
	}
	return nil
}

// about are the fields that a group compares; one that a case does not name must be absent.
var about = map[string][]string{
	"common":   {"Location"},
	"security": {"Strict-Transport-Security", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Location"},
	"xframe":   {"X-Frame-Options"},
	"conditional": {"ETag", "Cache-Control", "Vary", "Content-Location", "Expires", "Last-Modified",
		"X-Other"},
	"gzip": {"Content-Encoding", "Vary", "ETag"},
}

// differences tells what is not as Django has it; empty when all is.
func (a *answer) differences(v *vector) string {
	d := a.checkStatus(v)
	for _, name := range about[v.Group] {
		d += report.Differ(name, a.field(name), v.Want.Headers[name])
	}
	for name, value := range v.Want.Headers {
		if name == "Content-Length" { // what the server sends where a length is sent
			d += report.Differ(name, strconv.FormatInt(a.length, 10), value)
		} else if !slices.Contains(about[v.Group], name) {
			d += report.Differ(name, a.field(name), value)
		}
	}
	if v.Group == "gzip" {
		d += a.checkBody(v)
	}
	return d
}

// field returns the values of a field, whatever the case of its name.
func (a *answer) field(name string) string {
	for n, values := range a.fields {
		if strings.EqualFold(n, name) {
			return strings.Join(values, ", ")
		}
	}
	return ""
}

// checkStatus compares status and error.
func (a *answer) checkStatus(v *vector) (d string) {
	status := v.Want.Status
	if status == 0 {
		status = 200
	}
	d = report.Differ("status", a.status, status)
	if v.Want.Host != "" {
		d += report.Differ("host", a.host, v.Want.Host)
	}
	switch class := v.Want.Error + v.Want.Exception; class {
	case "":
	case "DisallowedHost":
		d += report.Differ(class, errors.Is(a.err, pipeline.ErrDisallowedHost), true)
	case "PermissionDenied":
		d += report.Differ(class, errors.Is(a.err, pipeline.ErrPermissionDenied), true)
	case "RuntimeError":
		d += report.Differ(class, a.err != nil, true)
	default:
		d += "unknown error class " + class
	}
	return d
}

// checkBody wants the body of the view, compressed if the response says so.
func (a *answer) checkBody(v *vector) string {
	body := a.body
	if a.field("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return err.Error()
		}
		if body, err = io.ReadAll(z); err != nil {
			return err.Error()
		}
	}
	return report.Differ("body", string(body), v.View.body())
}
