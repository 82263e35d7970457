package bind

import (
	"net/url"
	"reflect"
	"strings"
)

// fragment is a JSON Pointer as a URI fragment (RFC 6901 section 6), as RFC 9457 shows them: "#/items/0".
func fragment(pointer string) string {
	u := url.URL{Fragment: pointer}
	return "#" + u.EscapedFragment()
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// escape makes one reference token of a name (RFC 6901 section 3).
func escape(name string) string { return pointerEscaper.Replace(name) }

// jsonField is a field of a struct as encoding/json sees it.
type jsonField struct {
	name  string
	value reflect.Value
}

// jsonFields returns the fields of the bound struct that JSON may fill.
func (g *binding) jsonFields() (list []jsonField) {
	for i := range g.plan.fields {
		if f := &g.plan.fields[i]; f.names[fromJSON] != "" {
			list = append(list, jsonField{f.names[fromJSON], g.field(f)})
		}
	}
	return list
}

// jsonFields returns the fields of a struct value within it, those of embedded structs among them.
func jsonFields(v reflect.Value) (list []jsonField) {
	t := v.Type()
	for i := range t.NumField() {
		sf := t.Field(i)
		name, flat := jsonName(sf)
		switch {
		case flat:
			if inner := embeddedValue(v.Field(i)); inner.IsValid() {
				list = append(list, jsonFields(inner)...)
			}
		case name != "":
			list = append(list, jsonField{name, v.Field(i)})
		}
	}
	return list
}

// embeddedValue returns an embedded struct, made if need be; the zero Value when it cannot be made.
func embeddedValue(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Pointer {
		return v
	}
	if v.IsNil() {
		if !v.CanSet() {
			return reflect.Value{}
		}
		v.Set(reflect.New(v.Type().Elem()))
	}
	return v.Elem()
}

// jsonName returns the name of a field in JSON, "" when it has none; flat tells of an embedded struct, whose fields stand
// in its place.
func jsonName(sf reflect.StructField) (name string, flat bool) {
	tag, _ := sf.Tag.Lookup("json")
	name, _, _ = strings.Cut(tag, ",")
	switch {
	case tag == "-":
		return "", false
	case name == "" && embedded(sf) != nil:
		return "", true
	case !sf.IsExported():
		return "", false
	case name == "":
		return sf.Name, false
	}
	return name, false
}

// locate finds what a path in Go, "Items[0].Name", is for the client: where it is and its pointer. from tells which source
// each field was bound from.
func (g *binding) locate(goPath string) (source, string) {
	for i := range g.plan.fields {
		f := &g.plan.fields[i]
		rest, ok := strings.CutPrefix(goPath, f.path)
		if !ok || rest != "" && rest[0] != '.' && rest[0] != '[' {
			continue
		}
		s := g.sourceOf(i)
		if s == fromJSON {
			return s, fragment("/" + escape(f.names[s]) + pointerRest(f.typ, rest))
		}
		return s, f.names[s]
	}
	if g.json {
		return fromJSON, fragment("")
	}
	return numSources, ""
}

// sourceOf returns where a field came from. Of one that the request says nothing of, it is the first it could have come
// from, or the content when there is content.
func (g *binding) sourceOf(i int) source {
	f := &g.plan.fields[i]
	if s := g.from[i]; s != numSources {
		return s
	}
	for s := fromForm; g.form != nil && s <= fromFile; s++ {
		if f.names[s] != "" {
			return s
		}
	}
	for s := range numSources {
		if f.names[s] != "" {
			return s
		}
	}
	return fromJSON
}

// pointerRest translates the rest of a path in Go, from a value of type t on.
func pointerRest(t reflect.Type, rest string) string {
	var b strings.Builder
	for rest != "" {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		var token string
		switch {
		case rest[0] == '.' && t.Kind() == reflect.Struct:
			end := len(rest)
			if i := strings.IndexAny(rest[1:], ".["); i >= 0 {
				end = i + 1
			}
			token, rest = rest[1:end], rest[end:]
			sf, ok := t.FieldByName(token)
			if !ok {
				return b.String()
			}
			name, flat := jsonName(sf)
			if t, token = sf.Type, name; flat {
				continue
			}
		case rest[0] == '[' && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map):
			end := keyEnd(rest)
			if end < 0 {
				return b.String()
			}
			token, rest, t = rest[1:end], rest[end+1:], t.Elem()
		default:
			return b.String()
		}
		b.WriteByte('/')
		b.WriteString(escape(token))
	}
	return b.String()
}

// keyEnd returns where the bracket that begins s ends; the key of a map may have brackets in it.
func keyEnd(s string) int {
	for i := range len(s) {
		if s[i] == ']' && (i+1 == len(s) || s[i+1] == '.' || s[i+1] == '[') {
			return i
		}
	}
	return -1
}
