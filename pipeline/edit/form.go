package edit

import (
	"encoding"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/bind"
)

// Form is a form as a template sees it. It belongs to its request.
type Form[F any] struct {
	// Data is what the form begins with, or what could be made of what was sent.
	Data F
	// Bound tells whether something was sent.
	Bound bool

	sent  url.Values
	wrong []bind.FieldError
}

// Value is the text of a field: what was sent, right or wrong, and in an unbound form what it begins with. A checkbox that is set has "on".
// It is "" for a field that is not there. (A page should not repeat a password.)
func (f *Form[F]) Value(name string) string {
	if f.Bound {
		return f.sent.Get(name)
	}
	v := reflect.ValueOf(&f.Data).Elem()
	if v.Kind() != reflect.Struct {
		return ""
	}
	for _, field := range reflect.VisibleFields(v.Type()) {
		if tag, _, _ := strings.Cut(field.Tag.Get("form"), ","); tag == name && field.IsExported() {
			at, err := v.FieldByIndexErr(field.Index) // an embedded pointer may be nil
			if err != nil {
				return ""
			}
			return text(at)
		}
	}
	return ""
}

// Values are the texts of a field that may come several times, as they were sent; nil in an unbound form.
func (f *Form[F]) Values(name string) []string { return f.sent[name] }

// Errors are what is wrong with a field, each to follow its name: "must be at least 1".
func (f *Form[F]) Errors(name string) []string {
	return f.messages(func(e *bind.FieldError) bool { return e.In == inForm && e.Pointer == name })
}

// NonField are what is wrong with no field alone (Django: non_field_errors).
func (f *Form[F]) NonField() []string {
	return f.messages(func(e *bind.FieldError) bool { return e.In != inForm })
}

// OK tells whether nothing is wrong.
func (f *Form[F]) OK() bool { return len(f.wrong) == 0 }

func (f *Form[F]) messages(of func(*bind.FieldError) bool) (list []string) {
	for i := range f.wrong {
		if of(&f.wrong[i]) {
			list = append(list, f.wrong[i].Message)
		}
	}
	return list
}

// Where a fault is, in the words of bind.FieldError.
const (
	inForm    = "form"
	inRequest = "request"
)

// Wrong is the error of a Valid or Save that finds something wrong with a field, which is shown with the form again (Django:
// Form.add_error). An empty name is the form as a whole.
func Wrong(name, message string) error {
	p := bind.NewProblem(422, "")
	e := bind.FieldError{In: inForm, Pointer: name, Code: "invalid", Message: message}
	if name == "" {
		e.In = inRequest
	}
	p.Errors = []bind.FieldError{e}
	return p
}

// take binds what the client has sent. What is wrong with it is in the form; an error is that of the request.
func take[F any](c *pipeline.Ctx) (*Form[F], error) {
	f := &Form[F]{Bound: true}
	err := bind.Struct(c, &f.Data)
	if err = f.note(err); err != nil {
		return nil, err
	}
	sent, err := bind.ReadForm(c) // it was read
	if err != nil {
		return nil, err
	}
	f.sent = sent.Values
	return f, nil
}

// note keeps what an error says of the form, and returns one that is none of it: the client has sent something that no form of the page
// would send, or the server is at fault.
func (f *Form[F]) note(err error) error {
	var p *bind.Problem
	if !errors.As(err, &p) || p.Status != 422 {
		return err
	}
	for i := range p.Errors {
		if in := p.Errors[i].In; in != inForm && in != inRequest {
			return err
		}
	}
	if f.wrong = append(f.wrong, p.Errors...); len(p.Errors) == 0 {
		f.wrong = append(f.wrong, bind.FieldError{In: inRequest, Code: "invalid", Message: p.Error()})
	}
	return nil
}

// text writes a value as an HTML input has it.
func text(v reflect.Value) string {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		b, _ := m.MarshalText() // what has no text shows none
		return string(b)
	}
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return "on"
		}
		return ""
	case reflect.Slice:
		if b, ok := v.Interface().([]byte); ok {
			return string(b)
		}
		if v.Len() == 0 {
			return ""
		}
		return text(v.Index(0))
	}
	return fmt.Sprint(v.Interface())
}
