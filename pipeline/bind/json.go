package bind

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Codec decodes JSON, for programs that want another decoder. v points to the struct; strict is
// Binder.DisallowUnknownFields. An error becomes a Problem of status 400, unless it is a *Problem itself. It must refuse
// data behind the value, and must not keep data.
type Codec interface {
	Decode(data []byte, v any, strict bool) error
}

// readJSON decodes the body into the struct. Afterwards the fields that come from elsewhere have what they had before,
// for encoding/json also knows them by their Go name.
func (g *binding) readJSON() error {
	data, err := g.c.Body()
	if err != nil || len(data) == 0 {
		return err
	}
	g.json = true
	foreign := g.foreign()
	if g.Codec != nil {
		err = g.decode(data)
	} else {
		err = g.decodeStd(data)
	}
	for _, f := range foreign {
		g.restore(f)
	}
	return err
}

// kept is a field that JSON must not fill, and its value.
type kept struct {
	field *field
	value reflect.Value
}

// foreign returns the fields that JSON must not fill.
func (g *binding) foreign() (list []kept) {
	for i := range g.plan.fields {
		f := &g.plan.fields[i]
		if f.names[fromJSON] != "" || !f.isText() && f.names[fromFile] == "" {
			continue
		}
		k := kept{field: f, value: reflect.New(f.typ).Elem()}
		if v, err := g.v.FieldByIndexErr(f.index); err == nil {
			k.value.Set(v)
		}
		list = append(list, k)
	}
	return list
}

// restore puts a field back, unless it lies in an embedded pointer that is nil.
func (g *binding) restore(k kept) {
	if v, err := g.v.FieldByIndexErr(k.field.index); err == nil {
		v.Set(k.value)
	}
}

func (g *binding) decode(data []byte) error {
	err := g.Codec.Decode(data, g.v.Addr().Interface(), g.DisallowUnknownFields)
	var p *Problem
	if err == nil || errors.As(err, &p) {
		return err
	}
	p = NewProblem(400, "the content is not the JSON that is wanted")
	p.Err = err
	return p
}

// decodeStd decodes with encoding/json. Its bounds are those: 10,000 levels of nesting, and of two members of one name the
// last counts.
func (g *binding) decodeStd(data []byte) error {
	if !utf8.Valid(data) {
		return NewProblem(400, "the JSON is not UTF-8") // RFC 8259 section 8.1
	}
	err := unmarshal(data, g.v.Addr().Interface(), g.DisallowUnknownFields)
	if err == nil {
		return nil
	}
	if !json.Valid(data) {
		return badJSON(data, err)
	}
	if bytes.TrimLeft(data, " \t\r\n")[0] != '{' {
		return invalid([]FieldError{{sourceNames[fromJSON], "#", "type", "must be an object"}})
	}
	before := len(g.errs)
	diagnosis{g}.members(data, g.jsonFields(), "", 0)
	var wrong *json.UnmarshalTypeError
	if len(g.errs) == before && !errors.As(err, &wrong) {
		g.fail(fromJSON, "#", "invalid", "is not valid")
	}
	return nil
}

// unmarshal is json.Unmarshal with the choice of refusing members that v does not have.
func unmarshal(data []byte, v any, strict bool) error {
	if !strict {
		return json.Unmarshal(data, v)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("data behind the value")
	}
	return nil
}

// badJSON says where a text stops being JSON.
func badJSON(data []byte, err error) error {
	p := NewProblem(400, "the content is not valid JSON")
	p.Err = err
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(data, new(json.RawMessage)), &syntax) {
		p.Detail = fmt.Sprintf("the content is not valid JSON at byte %d: %s", syntax.Offset, syntax)
	}
	return p
}

// diagnosis finds everything that is wrong with a JSON value that could not be decoded; encoding/json tells one thing only.
// It decodes member by member into the struct, so that what is right gets there. Every level reads its content again, so
// below maxDiagnosis levels one error has to do.
type diagnosis struct{ *binding }

// value decodes data into v and notes what is wrong, under a JSON Pointer.
func (d diagnosis) value(data []byte, v reflect.Value, pointer string, depth int) {
	v.SetZero()
	err := unmarshal(data, v.Addr().Interface(), d.DisallowUnknownFields)
	if err == nil || len(d.errs) >= maxErrors {
		return
	}
	top := v
	for v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch {
	case depth >= maxDiagnosis || decodesItself(v.Type()):
	case v.Kind() == reflect.Struct && data[0] == '{':
		d.members(data, jsonFields(v), pointer, depth)
		return
	case v.Kind() == reflect.Slice && data[0] == '[':
		d.items(data, v, pointer, depth)
		return
	}
	top.SetZero() // nothing half filled, for validators to find fault with
	bad := jsonFault(err, v.Type())
	d.fail(fromJSON, fragment(pointer), bad.code, bad.message)
}

// decodesItself tells whether encoding/json leaves values of type t to a method.
func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(textUnmarshaler)
}

// members decodes an object, in the order of the fields, for the errors to have an order.
func (d diagnosis) members(data []byte, fields []jsonField, pointer string, depth int) {
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil {
		return
	}
	fold := folded(members)
	for i := range fields {
		f := &fields[i]
		name := f.name
		if members[name] == nil {
			name = fold[strings.ToLower(name)]
		}
		if raw := members[name]; raw != nil {
			d.value(raw, f.value, pointer+"/"+escape(f.name), depth+1)
			delete(members, name)
		}
	}
	if d.DisallowUnknownFields {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			d.fail(fromJSON, fragment(pointer+"/"+escape(name)), "unknown", "is not known")
		}
	}
}

// folded returns the names of members by their lower case: encoding/json prefers the very name of a field and then takes
// one that differs in case.
func folded(members map[string]json.RawMessage) map[string]string {
	fold := make(map[string]string, len(members))
	for name := range members {
		low := strings.ToLower(name)
		if old, ok := fold[low]; !ok || name < old {
			fold[low] = name
		}
	}
	return fold
}

func (d diagnosis) items(data []byte, v reflect.Value, pointer string, depth int) {
	var items []json.RawMessage
	if json.Unmarshal(data, &items) != nil {
		return
	}
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, raw := range items {
		d.value(raw, list.Index(i), pointer+"/"+strconv.Itoa(i), depth+1)
	}
	v.Set(list)
}

// jsonFault says what a value of type t should have been. Errors of methods may quote the value and are not passed on.
func jsonFault(err error, t reflect.Type) *fault {
	var wrong *json.UnmarshalTypeError
	if t == timeType {
		return &fault{"type", "must be a time as in RFC 3339"}
	}
	if !errors.As(err, &wrong) {
		return &fault{"invalid", "is not valid"}
	}
	if wrong.Type != nil && wrong.Type != t {
		t = wrong.Type
	}
	if number, ok := strings.CutPrefix(wrong.Value, "number "); ok {
		if parse, err := parserOf(t); err == nil {
			if bad := parse(reflect.New(t).Elem(), number); bad != nil {
				return bad
			}
		}
	}
	return &fault{"type", "must be " + jsonKind(t)}
}

// jsonKind names in JSON's words what a type is decoded from.
func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a whole number"
}
