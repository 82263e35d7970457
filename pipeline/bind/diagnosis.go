package bind

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// diagnosis finds everything that is wrong with a JSON value that could not be decoded; encoding/json tells one thing only.
// It takes the value apart and decodes the pieces into the struct, so that what is right gets there. Every level reads its
// content again, so below maxDiagnosis levels one error has to do.
type diagnosis struct{ *binding }

// value decodes data into v and notes what is wrong, under a JSON Pointer.
func (d diagnosis) value(data []byte, v reflect.Value, pointer string, depth int) {
	if len(d.errs) >= maxErrors {
		return
	}
	v.SetZero()
	t := v.Type()
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if depth < maxDiagnosis && !decodesItself(t) {
		switch {
		case t.Kind() == reflect.Struct && data[0] == '{':
			d.members(data, made(v), pointer, depth)
			return
		case t.Kind() == reflect.Slice && data[0] == '[' && t != bytesType:
			d.items(data, made(v), pointer, depth)
			return
		}
	}
	if err := unmarshal(data, v.Addr().Interface(), d.DisallowUnknownFields); err != nil {
		v.SetZero() // nothing half filled, for validators to find fault with
		bad := jsonFault(err, t)
		d.fail(fromJSON, fragment(pointer), bad.code, bad.message)
	}
}

// made follows pointers, making what they point to.
func made(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	return v
}

// decodesItself tells whether encoding/json leaves values of type t to a method.
func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(textUnmarshaler)
}

// members decodes an object, in the order of the fields, for the errors to have an order.
func (d diagnosis) members(data []byte, v reflect.Value, pointer string, depth int) {
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil {
		return
	}
	fold := folded(members)
	for _, f := range jsonFields(v.Type()) {
		name := f.name
		raw, ok := members[name]
		if !ok {
			if name, ok = fold[strings.ToLower(name)]; ok {
				raw, ok = members[name]
			}
		}
		if ok {
			at, fv := pointer+"/"+escape(f.name), fieldAt(v, f.index)
			if f.quoted {
				d.quoted(raw, fv, at)
			} else {
				d.value(raw, fv, at, depth+1)
			}
			delete(members, name)
		}
	}
	if d.DisallowUnknownFields {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			d.fail(fromJSON, fragment(pointer+"/"+escape(name)), "unknown", "is not known")
		}
	}
}

// quoted decodes a member whose field has the option "string" in its tag. The rules for what may be in the string are
// encoding/json's own, so a field of that kind is made for it.
func (d diagnosis) quoted(raw json.RawMessage, v reflect.Value, pointer string) {
	field := reflect.StructField{Name: "V", Type: v.Type(), Tag: `json:"v,string"`}
	holder := reflect.New(reflect.StructOf([]reflect.StructField{field}))
	object := slices.Concat([]byte(`{"v":`), raw, []byte("}"))
	v.SetZero()
	if json.Unmarshal(object, holder.Interface()) != nil {
		t := v.Type()
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		d.fail(fromJSON, fragment(pointer), "type", "must be "+jsonKind(t)+" within a string")
		return
	}
	v.Set(holder.Elem().Field(0))
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

// items decodes an array. Most items are right and are not taken apart.
func (d diagnosis) items(data []byte, v reflect.Value, pointer string, depth int) {
	var items []json.RawMessage
	if json.Unmarshal(data, &items) != nil {
		return
	}
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, raw := range items {
		if unmarshal(raw, list.Index(i).Addr().Interface(), d.DisallowUnknownFields) == nil {
			continue
		}
		d.value(raw, list.Index(i), pointer+"/"+strconv.Itoa(i), depth+1)
	}
	v.Set(list)
}

// jsonFault says what a value of type t should have been. Errors of methods may quote the value and are not passed on.
func jsonFault(err error, t reflect.Type) *fault {
	if t == timeType {
		return &fault{"type", "must be a time as in RFC 3339"}
	}
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
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
