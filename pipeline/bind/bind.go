package bind

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Binder is how requests are bound. The zero value is ready and is what requests without a Binder of their own use. It must
// not change once it is used; it may be shared by all goroutines.
//
// A Binder is a middleware: app.Use(&bind.Binder{...}) makes it the one of Into, Struct and ReadForm within the application.
type Binder struct {
	// Validator checks the tags of bound structs; nil is go-playground/validator with the tag "validate".
	Validator Validator
	// Codec decodes JSON; nil is encoding/json, which then tells every wrong value at once.
	Codec Codec
	// DisallowUnknownFields makes a JSON member that the struct does not have an error.
	DisallowUnknownFields bool
	// Limits bound forms.
	Limits Limits
}

// binderKey is the key of the Binder on a Ctx.
type binderKey struct{}

// standard is the Binder of requests that have none.
var standard = new(Binder)

// binderOf returns the Binder of a request.
func binderOf(c *pipeline.Ctx) *Binder {
	if b, ok := c.Get(binderKey{}).(*Binder); ok {
		return b
	}
	return standard
}

// Load checks the configuration (pipeline.Loader).
func (b *Binder) Load(*pipeline.App) error { return b.Limits.check() }

// ProcessRequest makes b the Binder of the request (pipeline.RequestHook).
func (b *Binder) ProcessRequest(c *pipeline.Ctx) error {
	c.Set(binderKey{}, b)
	return nil
}

// Into returns a T, a struct, filled from the request. The error is a *Problem when the request is wrong; the T then holds
// what could be bound. Return it from the handler.
//
// Content is read when the struct has fields for it. An inline handler gets pipeline.ErrOffload where reading would wait or
// write files; returning that runs the handler again on a worker.
func Into[T any](c *pipeline.Ctx) (T, error) {
	var v T
	err := binderOf(c).Struct(c, &v)
	return v, err
}

// Struct fills the struct that v points to; see Into. Fields that the request says nothing of get their default, or keep
// what they had.
func Struct(c *pipeline.Ctx, v any) error { return binderOf(c).Struct(c, v) }

// Check reports the mistakes in the tags of the struct v that Struct would report at the first request, for tests and for
// the start of a program.
func Check(v any) error { return standard.Check(v) }

// Check is the function Check with this Binder.
func (b *Binder) Check(v any) error {
	t := reflect.TypeOf(v)
	if t == nil {
		return errors.New("bind: nil is not a struct")
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if _, err := planOf(t); err != nil {
		return err
	}
	if _, err := b.validator().Validate(reflect.New(t).Interface()); err != nil {
		return fmt.Errorf("bind: %s: %w", t, err)
	}
	return nil
}

// validator returns who checks structs.
func (b *Binder) validator() Validator {
	if b.Validator == nil {
		return playground()
	}
	return b.Validator
}

// Struct is the function Struct with this Binder.
func (b *Binder) Struct(c *pipeline.Ctx, v any) error {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer || rv.IsNil() {
		return fmt.Errorf("bind: %T is not a pointer to a struct", v)
	}
	p, err := planOf(rv.Type().Elem())
	if err != nil {
		return err
	}
	g := binding{Binder: b, c: c, plan: p, v: rv.Elem(), from: make([]source, len(p.fields))}
	for i := range g.from {
		g.from[i] = numSources
	}
	if err := g.run(); err != nil {
		return problemOf(err)
	}
	return g.validate()
}

// binding is the work on one struct.
type binding struct {
	*Binder
	c      *pipeline.Ctx
	plan   *plan
	v      reflect.Value
	form   *Form
	json   bool       // the request has a JSON body
	values [][]string // of the query, by slot
	from   []source   // where the value of each field came from; numSources when nothing was found
	errs   []FieldError
}

// run fills the struct. Its error is one of the whole request; those of fields are gathered.
func (g *binding) run() error {
	g.setDefaults()
	if g.plan.has[fromQuery] {
		if err := g.readQuery(); err != nil {
			return err
		}
	}
	if err := g.readContent(); err != nil {
		return err
	}
	for i := range g.plan.fields {
		g.bindField(i)
	}
	return nil
}

// setDefaults comes before everything else, so that a JSON null can undo it.
func (g *binding) setDefaults() {
	for i := range g.plan.fields {
		if f := &g.plan.fields[i]; f.defaults != nil {
			f.set(g.field(f), f.defaults)
		}
	}
}

// field returns the value of f.
func (g *binding) field(f *field) reflect.Value { return fieldAt(g.v, f.index) }

// fieldAt returns the field of v at index, making the embedded structs that it lies in.
func fieldAt(v reflect.Value, index []int) reflect.Value {
	for _, x := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}

// bindField sets one field from the first of its sources that has a value.
func (g *binding) bindField(i int) {
	f := &g.plan.fields[i]
	if f.names[fromFile] != "" && g.bindFile(i) {
		return
	}
	if f.isText() {
		for s := fromPath; s <= fromForm; s++ {
			if f.names[s] == "" {
				continue
			}
			if texts := f.given(g.texts(f, s)); len(texts) > 0 {
				g.from[i] = s
				if bad := f.set(g.field(f), texts); bad != nil {
					g.fail(s, f.names[s], bad.code, bad.message)
				}
				return
			}
		}
	}
	if g.json && f.names[fromJSON] != "" {
		g.from[i] = fromJSON
	}
}

// given leaves out the empty texts where they are no value.
func (f *field) given(texts []string) []string {
	if f.empty || !slices.Contains(texts, "") {
		return texts
	}
	return slices.DeleteFunc(slices.Clone(texts), func(t string) bool { return t == "" })
}

// bindFile sets a file field from the form.
func (g *binding) bindFile(i int) bool {
	f := &g.plan.fields[i]
	if g.form == nil {
		return false
	}
	files := g.form.Files[f.names[fromFile]]
	if len(files) == 0 {
		return false
	}
	g.from[i] = fromFile
	if f.typ == filesType {
		g.field(f).Set(reflect.ValueOf(files))
	} else {
		g.field(f).Set(reflect.ValueOf(files[0]))
	}
	return true
}

// fail notes a field error; the first of a field is the one that counts.
func (g *binding) fail(s source, pointer, code, message string) {
	e := FieldError{In: sourceNames[s], Pointer: pointer, Code: code, Message: message}
	for i := range g.errs {
		if g.errs[i].In == e.In && g.errs[i].Pointer == e.Pointer {
			return
		}
	}
	if len(g.errs) < maxErrors {
		g.errs = append(g.errs, e)
	}
}
