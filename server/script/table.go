package script

import (
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// A Getter appends the value of a variable to dst. It returns false, and dst as it was, when the variable has no value:
// NGINX's "not found", which a log shows as "-". It must not keep dst or c.
type Getter func(c *pipeline.Ctx, dst []byte) ([]byte, bool)

// A Setter takes the value that set gives to a variable of the server, $args or $limit_rate. value is valid during the
// call.
type Setter func(c *pipeline.Ctx, value []byte)

// Flags say how a variable behaves.
type Flags uint8

const (
	// Changeable variables may be made again by set, map and the like; the value that set gave hides the first one.
	Changeable Flags = 1 << iota
	// Cached values are computed once for a request.
	Cached
	// weak variables were made by set alone: a prefix of their name stands in for a value that was not set.
	weak
)

// A Variable is a name that scripts read. Its methods may be used by any goroutine once the table is resolved.
type Variable struct {
	name  string
	get   Getter
	set   Setter
	flags Flags
	slot  int // of its value in the state of a request; -1 when it has none
}

// Name returns the name without "$".
func (v *Variable) Name() string { return v.name }

// A Table holds the variables of a configuration; the zero value has none. It is filled by one goroutine while the
// configuration is loaded.
type Table struct {
	variables map[string]*Variable
	order     []*Variable // as they were read first
	prefixes  []prefix
	slots     int
}

// prefix is a family of variables.
type prefix struct {
	name string
	make func(rest string) Getter
}

// NewTable returns a table with all variables of NGINX. Those of modules that are features here have the value of a
// request that the module has nothing to do with, until the feature replaces them.
func NewTable() *Table {
	t := &Table{variables: map[string]*Variable{}}
	t.addCore()
	return t
}

// Add makes a variable of the server or of a feature; name is without "$" and in any case. One that exists must be
// Changeable, and then gets the new getter; the error has NGINX's text.
func (t *Table) Add(name string, get Getter, flags Flags) error {
	v, err := t.define(name)
	if err != nil {
		return err
	}
	v.get, v.flags = get, flags
	if flags&Cached != 0 {
		t.giveSlot(v)
	}
	return nil
}

// AddPrefix makes the family of variables that begin with name. make is called at load with the rest of the name, in
// lower case, for each one that is used. Of two with one name the later counts.
func (t *Table) AddPrefix(name string, make func(rest string) Getter) {
	t.prefixes = append(t.prefixes, prefix{name, make})
}

// AddUser makes a variable whose value directives store with [Variable.Set]: set, auth_request_set. One that is read
// before it was set is empty, and [Env.WarnUninitialized] decides whether that is logged.
func (t *Table) AddUser(name string) (*Variable, error) {
	v, err := t.define(name)
	if err != nil {
		return nil, err
	}
	if v.get == nil {
		v.get, v.flags = uninitialized(v), Changeable|weak
	}
	if v.set == nil {
		t.giveSlot(v)
	}
	return v, nil
}

// addCapture makes the variable of a named group.
func (t *Table) addCapture(name string) (*Variable, error) {
	v, err := t.define(name)
	if err != nil {
		return nil, err
	}
	v.get, v.flags = notFound, Changeable
	t.giveSlot(v)
	return v, nil
}

// define returns the variable of a name that a directive makes.
func (t *Table) define(name string) (*Variable, error) {
	if name == "" {
		return nil, fmt.Errorf(`invalid variable name "$"`)
	}
	v := t.Lookup(name)
	if v.get != nil && v.flags&Changeable == 0 {
		return nil, fmt.Errorf(`the duplicate "%s" variable`, name)
	}
	return v, nil
}

// Lookup returns the variable of a name without "$". It need not exist yet: directives may stand in any order, and
// Resolve reports those that never came to exist.
func (t *Table) Lookup(name string) *Variable {
	name = strings.ToLower(name)
	v := t.variables[name]
	if v == nil {
		if t.variables == nil {
			t.variables = map[string]*Variable{}
		}
		v = &Variable{name: name, slot: -1}
		t.variables[name] = v
		t.order = append(t.order, v)
	}
	return v
}

func (t *Table) giveSlot(v *Variable) {
	if v.slot < 0 {
		v.slot = t.slots
		t.slots++
	}
}

// Resolve ends the loading: each variable that is read gets its getter. The error, NGINX's `unknown "foo" variable`,
// names the first that nothing makes.
func (t *Table) Resolve() error {
	for _, v := range t.order {
		if v.get == nil || v.flags&weak != 0 {
			if get := t.fromPrefix(v.name); get != nil {
				v.get = get
			}
		}
		if v.get == nil {
			return fmt.Errorf(`unknown "%s" variable`, v.name)
		}
	}
	return nil
}

// fromPrefix makes the getter of a variable of a family, of the longest prefix; nil when it is of none.
func (t *Table) fromPrefix(name string) Getter {
	best := -1
	for i, p := range t.prefixes {
		if strings.HasPrefix(name, p.name) && (best < 0 || len(p.name) >= len(t.prefixes[best].name)) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	return t.prefixes[best].make(name[len(t.prefixes[best].name):])
}

// AppendNamed appends the value of a variable by its name in lower case, for texts that come with a request (the echo of
// SSI). The name of a family may allocate; a name that nothing makes has no value. The table must be resolved; any goroutine
// may call it.
func (t *Table) AppendNamed(c *pipeline.Ctx, dst []byte, name string) ([]byte, bool) {
	if v := t.variables[name]; v != nil && v.get != nil {
		return v.Append(c, dst)
	}
	if get := t.fromPrefix(name); get != nil {
		return get(c, dst)
	}
	return dst, false
}

// notFound is the getter of a variable without a value.
func notFound(_ *pipeline.Ctx, dst []byte) ([]byte, bool) { return dst, false }
