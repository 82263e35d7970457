package bind

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
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
	if _, ok := errors.AsType[*Problem](err); ok || err == nil {
		return err
	}
	p := NewProblem(400, "the content is not the JSON that is wanted")
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
	diagnosis{g}.members(data, g.v, "", 0)
	if len(g.errs) == before { // of two members of one name, the last is fine
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
	if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(data, new(json.RawMessage))); ok {
		p.Detail = fmt.Sprintf("the content is not valid JSON at byte %d: %s", syntax.Offset, syntax)
	}
	return p
}
