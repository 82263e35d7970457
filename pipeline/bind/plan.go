package bind

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// source is where a value comes from. The sources of one field are asked in this order and the first that has a value
// counts, so that content can never replace a path parameter.
type source uint8

const (
	fromPath source = iota
	fromQuery
	fromHeader
	fromCookie
	fromForm
	fromFile
	fromJSON
	numSources
)

// sourceTags are the struct tags, sourceNames the "in" of a FieldError (those of OpenAPI, as far as it has them).
var (
	sourceTags  = [numSources]string{"path", "query", "header", "cookie", "form", "file", "json"}
	sourceNames = [numSources + 1]string{"path", "query", "header", "cookie", "form", "form", "body", "request"}
)

// plan is what a struct type means to the binder. It is made once for each type and immutable.
type plan struct {
	typ     reflect.Type
	fields  []field
	queries map[string]int // name of a query parameter to its slot
	has     [numSources]bool
	custom  bool // *T has a method Validate() error
}

// field is one field of a plan, those of embedded structs included.
type field struct {
	index    []int
	path     string // in Go: "Base.Name", as validators name it
	typ      reflect.Type
	names    [numSources]string // "" where the field does not come from
	slot     int                // of the query parameter
	parse    parser             // for one text; nil when the field comes from JSON or a file alone
	list     bool               // a slice, filled from all values
	empty    bool               // an empty text is a value
	defaults []string           // texts of the default; nil when there is none
}

// plans are the plans of all types, by reflect.Type; the value is a *plan or an error.
var plans sync.Map

// planOf returns the plan of a struct type. Its error is a mistake in the struct, for its author.
func planOf(t reflect.Type) (*plan, error) {
	v, ok := plans.Load(t)
	if !ok {
		p, err := compile(t)
		v = any(p)
		if err != nil {
			v = err
		}
		v, _ = plans.LoadOrStore(t, v)
	}
	if err, bad := v.(error); bad {
		return nil, err
	}
	return v.(*plan), nil
}

// compile makes a plan and reports every mistake of the struct at once.
func compile(t reflect.Type) (*plan, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("bind: %s is not a struct", t)
	}
	p := &plan{typ: t, queries: map[string]int{}, custom: reflect.PointerTo(t).Implements(reflect.TypeFor[selfValidator]())}
	c := compiler{plan: p}
	c.walk(t, nil, "", []reflect.Type{t})
	c.implicit()
	for i := range p.fields {
		for s, name := range p.fields[i].names {
			p.has[s] = p.has[s] || name != ""
		}
	}
	if len(c.faults) > 0 {
		return nil, fmt.Errorf("bind: %s: %w", t, errors.Join(c.faults...))
	}
	return p, nil
}

// compiler gathers the fields of a plan.
type compiler struct {
	plan     *plan
	untagged []int // indexes of fields without any tag
	faults   []error
}

func (c *compiler) fault(f reflect.StructField, err error) {
	c.faults = append(c.faults, fmt.Errorf("field %s: %w", f.Name, err))
}

// walk adds the fields of t, which lies at index within the plan's type. outer are the types around it.
func (c *compiler) walk(t reflect.Type, index []int, path string, outer []reflect.Type) {
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(index[:len(index):len(index)], i)
		f := field{index: at, path: path + sf.Name, typ: sf.Type, slot: -1}
		tagged := f.readTags(sf.Tag)
		if inner := embedded(sf); inner != nil && !tagged {
			c.embed(sf, inner, at, f.path+".", outer)
			continue
		}
		if !sf.IsExported() {
			if tagged && sf.Tag.Get("json") == "" {
				c.fault(sf, errors.New("is tagged but not exported"))
			}
			continue
		}
		if !tagged {
			c.untagged = append(c.untagged, len(c.plan.fields))
		}
		if err := c.finish(&f, sf); err != nil {
			c.fault(sf, err)
		}
		c.plan.fields = append(c.plan.fields, f)
	}
}

// embedded returns the struct type that an embedded field brings in, or nil.
func embedded(sf reflect.StructField) reflect.Type {
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if !sf.Anonymous || t.Kind() != reflect.Struct || t == timeType {
		return nil
	}
	return t
}

func (c *compiler) embed(sf reflect.StructField, t reflect.Type, index []int, path string, outer []reflect.Type) {
	for _, o := range outer {
		if o == t {
			c.fault(sf, errors.New("embeds itself"))
			return
		}
	}
	if sf.Type.Kind() == reflect.Pointer && !sf.IsExported() {
		c.fault(sf, errors.New("is an embedded pointer to a type that is not exported"))
		return
	}
	c.walk(t, index, path, append(outer[:len(outer):len(outer)], t))
}

// readTags reads the names of the sources and tells whether there is any tag, json:"-" included.
func (f *field) readTags(tag reflect.StructTag) (tagged bool) {
	for s := range numSources {
		text, ok := tag.Lookup(sourceTags[s])
		if !ok {
			continue
		}
		tagged = true
		switch name, _, _ := strings.Cut(text, ","); {
		case s != fromJSON:
			f.names[s] = name
		case text == "-":
		case name == "":
			f.names[s] = f.path[strings.LastIndexByte(f.path, '.')+1:]
		default:
			f.names[s] = name
		}
	}
	return tagged
}

// finish finds the parser of a field and checks its tags.
func (c *compiler) finish(f *field, sf reflect.StructField) error {
	for s := range fromJSON {
		if _, ok := sf.Tag.Lookup(sourceTags[s]); ok && f.names[s] == "" {
			return fmt.Errorf("tag %s has no name", sourceTags[s])
		}
	}
	if f.names[fromFile] != "" && f.typ != fileType && f.typ != filesType {
		return fmt.Errorf("a file is a *bind.File or a []*bind.File, not a %s", f.typ)
	}
	def, hasDefault := sf.Tag.Lookup("default")
	if f.isText() || hasDefault {
		if err := f.findParser(); err != nil {
			return err
		}
	}
	if name := f.names[fromQuery]; name != "" {
		slot, ok := c.plan.queries[name]
		if !ok {
			slot = len(c.plan.queries)
			c.plan.queries[name] = slot
		}
		f.slot = slot
	}
	if hasDefault {
		return f.setDefault(def)
	}
	return nil
}

// isText tells whether the field can come from a text.
func (f *field) isText() bool {
	for s := fromPath; s <= fromForm; s++ {
		if f.names[s] != "" {
			return true
		}
	}
	return false
}

func (f *field) findParser() (err error) {
	t := f.typ
	if t.Kind() == reflect.Slice && t != bytesType && !reflect.PointerTo(t).Implements(textUnmarshaler) {
		f.list, t = true, t.Elem()
	}
	f.empty = keepsEmpty(t)
	f.parse, err = parserOf(t)
	return err
}

// setDefault keeps the texts of a default, for a list separated by commas, and tries them.
func (f *field) setDefault(text string) error {
	f.defaults = []string{text}
	if f.list {
		f.defaults = strings.Split(text, ",")
	}
	if bad := f.set(reflect.New(f.typ).Elem(), f.defaults); bad != nil {
		return fmt.Errorf("default %q: %s", text, bad.message)
	}
	return nil
}

// implicit gives untagged fields their place. In a struct without other tags they are encoding/json's. A struct that mixes
// sources must name one for every field, so that a JSON body fills no field that nobody meant to be filled.
func (c *compiler) implicit() {
	mixed := false
	for i := range c.plan.fields {
		f := &c.plan.fields[i]
		mixed = mixed || f.isText() || f.names[fromFile] != ""
	}
	for _, i := range c.untagged {
		f := &c.plan.fields[i]
		if mixed {
			c.faults = append(c.faults, fmt.Errorf(`field %s: has no tag that says where it comes from; json:"-" says nowhere`, f.path))
			continue
		}
		f.names[fromJSON] = f.path[strings.LastIndexByte(f.path, '.')+1:]
	}
}

// set sets v, of the field's type, from texts; empty texts are left out where they are no value.
func (f *field) set(v reflect.Value, texts []string) *fault {
	if !f.list {
		return f.parse(v, texts[0])
	}
	list := reflect.MakeSlice(f.typ, 0, len(texts))
	elem := reflect.New(f.typ.Elem()).Elem()
	for i, text := range texts {
		elem.SetZero()
		if bad := f.parse(elem, text); bad != nil {
			return &fault{bad.code, fmt.Sprintf("%s (item %d)", bad.message, i+1)}
		}
		list = reflect.Append(list, elem)
	}
	v.Set(list)
	return nil
}
