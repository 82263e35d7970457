package bind

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/go-playground/validator/v10"
)

// Validator checks a bound struct. It may be called from all goroutines.
type Validator interface {
	// Validate returns what is wrong with the struct that v points to. The error is for what is no fault of the client, a
	// tag that makes no sense.
	Validate(v any) ([]Violation, error)
}

// Violation is a value that breaks a rule. It is also an error, for a method Validate to return, alone or joined with
// others.
type Violation struct {
	// Path is the field in Go: "Name", "Items[0].Price"; empty is the whole struct.
	Path string
	// Code is the name of the rule, Message what it asks: "must be after starts_at".
	Code, Message string
}

// Error returns the path and the message.
func (v Violation) Error() string { return v.Path + " " + v.Message }

// selfValidator is a struct with rules of its own, which are asked when all else is right.
type selfValidator interface{ Validate() error }

// validate checks the struct by its tags, and by its own method when nothing is wrong so far.
func (g *binding) validate() error {
	violations, err := g.validator().Validate(g.v.Addr().Interface())
	if err != nil {
		return fmt.Errorf("bind: %s: %w", g.plan.typ, err)
	}
	for _, v := range violations {
		g.violated(v)
	}
	if len(g.errs) == 0 && g.plan.custom {
		if err := g.v.Addr().Interface().(selfValidator).Validate(); err != nil {
			if _, ok := errors.AsType[*Problem](err); ok {
				return err
			}
			g.own(err)
		}
	}
	if len(g.errs) > 0 {
		return invalid(g.errs)
	}
	return nil
}

func (g *binding) violated(v Violation) {
	s, pointer := g.locate(v.Path)
	g.fail(s, pointer, v.Code, v.Message)
}

// own notes the errors of a method Validate. Their texts go to the client.
func (g *binding) own(err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			g.own(e)
		}
		return
	}
	v, ok := errors.AsType[Violation](err)
	if !ok {
		v = Violation{Code: "invalid", Message: err.Error()}
	}
	g.violated(v)
}

// Playground checks structs with go-playground/validator. Its rule "required" means "not the zero value": a field whose
// zero is a value to be sent must be a pointer.
type Playground struct{ Rules *validator.Validate }

// playground is the Validator of a Binder that has none. It is made when it is first needed: its many rules cost some
// milliseconds.
var playground = sync.OnceValue(func() Playground {
	return Playground{Rules: validator.New(validator.WithRequiredStructEnabled())}
})

// Validate checks the struct that v points to (Validator). The package panics for a tag that it does not know.
func (p Playground) Validate(v any) (list []Violation, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("validator: %v", r)
		}
	}()
	err = p.Rules.Struct(v)
	found, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok {
		return nil, err
	}
	for _, e := range found {
		_, path, _ := strings.Cut(e.StructNamespace(), ".")
		list = append(list, Violation{Path: path, Code: e.Tag(), Message: message(e)})
	}
	return list, nil
}

// messages are what the commoner rules ask, before their parameter.
var messages = map[string]string{
	"required": "is required", "email": "must be an e-mail address", "url": "must be a URL", "uri": "must be a URI",
	"uuid": "must be a UUID", "ip": "must be an IP address", "alpha": "must be letters only", "numeric": "must be a number",
	"alphanum": "must be letters and digits only", "unique": "must not hold the same value twice",
	"oneof": "must be one of: ", "eq": "must be ", "ne": "must not be ", "gt": "must be greater than ",
	"lt": "must be less than ", "gte": "must be at least ", "lte": "must be at most ", "min": "must be at least ",
	"max": "must be at most ", "len": "must be exactly ", "contains": "must contain ", "startswith": "must begin with ",
	"endswith": "must end with ",
}

// message says what a rule asks; for texts and lists the sizes have a unit.
func message(e validator.FieldError) string {
	text, ok := messages[e.Tag()]
	if !ok {
		return "breaks the rule " + strings.TrimSuffix(e.Tag()+"="+e.Param(), "=")
	}
	text += strings.TrimSuffix(e.Param(), " ")
	switch e.Tag() {
	case "min", "max", "len", "gt", "lt", "gte", "lte":
		return text + unit(e.Kind(), e.Param())
	}
	return text
}

func unit(k reflect.Kind, n string) string {
	word := ""
	switch k {
	case reflect.String:
		word = " character"
	case reflect.Slice, reflect.Array, reflect.Map:
		word = " item"
	}
	if word != "" && n != "1" {
		word += "s"
	}
	return word
}
