package bind

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
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
	name   string
	index  []int
	quoted bool // its value is within a string (the option "string")
}

// jsonTypes are the fields of all struct types that a diagnosis has met.
var jsonTypes sync.Map

// jsonFields returns the fields of a struct type, those of embedded structs behind its own. A field hides those of its name
// further in.
func jsonFields(t reflect.Type) []jsonField {
	list, ok := jsonTypes.Load(t)
	if !ok {
		list, _ = jsonTypes.LoadOrStore(t, findJSONFields(t, nil))
	}
	return list.([]jsonField)
}

// findJSONFields finds the fields of t, which is embedded in outer.
func findJSONFields(t reflect.Type, outer []reflect.Type) (list []jsonField) {
	if slices.Contains(outer, t) {
		return nil
	}
	outer = append(outer[:len(outer):len(outer)], t)
	var inner []jsonField
	for i := range t.NumField() {
		sf := t.Field(i)
		name, flat := jsonName(sf)
		switch {
		case flat && (sf.IsExported() || sf.Type.Kind() != reflect.Pointer):
			for _, f := range findJSONFields(embedded(sf), outer) {
				f.index = append([]int{i}, f.index...)
				inner = append(inner, f)
			}
		case !flat && name != "":
			list = append(list, jsonField{name, []int{i}, jsonQuoted(sf)})
		}
	}
	for _, f := range inner {
		if !slices.ContainsFunc(list, func(o jsonField) bool { return o.name == f.name }) {
			list = append(list, f)
		}
	}
	return list
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

// jsonQuoted tells whether a field has the option "string" where it means something.
func jsonQuoted(sf reflect.StructField) bool {
	_, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
	if !slices.Contains(strings.Split(options, ","), "string") {
		return false
	}
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch k := t.Kind(); k {
	case reflect.String:
		return true
	default:
		return k >= reflect.Bool && k <= reflect.Float64
	}
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
