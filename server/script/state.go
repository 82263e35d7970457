package script

// Hot: runs for every request that keeps a value; no allocation, no map, no defer.

import (
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pool"
)

// state is what a request keeps: values of variables and captures.
type state struct {
	c        *pipeline.Ctx
	arena    []byte // what slots and subject lie in; when it grows, the old one lives as long as they do
	slots    []slot
	subject  []byte // of the last match
	captures []int32
	depth    int    // of variables that are being computed
	scratch  []byte // of the program that runs
	args     []byte
	hasArgs  bool // args replace the query of the request
	changed  bool // the URI was rewritten
	release  func()
}

// slot is the value of one variable.
type slot struct {
	value []byte
	kept  bool
	found bool
}

// maxDepth bounds variables that are computed from variables (NGINX: ngx_http_variable_depth).
const maxDepth = 100

// maxArena is what a pooled state keeps of its memory, in bytes.
const maxArena = 64 << 10

// stateSlot is where a Ctx has its state, with the memory of the requests before.
var stateSlot = pipeline.NewSlot()

// current returns the state of a request, nil when it has kept nothing yet.
func current(c *pipeline.Ctx) *state {
	if s, _ := (*c.Attached(stateSlot)).(*state); s != nil && s.c == c {
		return s
	}
	return nil
}

// stateOf returns the state of a request, and makes one that lives until the Ctx is reset.
func stateOf(c *pipeline.Ctx) *state {
	if s := current(c); s != nil {
		return s
	}
	s, _ := (*c.Attached(stateSlot)).(*state)
	if s == nil {
		s = new(state)
		s.release = s.reset
		*c.Attached(stateSlot) = s
	}
	s.c = c
	c.OnClose(s.release)
	return s
}

// reset ends the state. Functions of OnClose that run later, and read variables, begin another one.
func (s *state) reset() {
	clear(s.slots)
	pool.Spoil(s.arena)
	pool.Spoil(s.scratch[:cap(s.scratch)])
	if cap(s.arena) > maxArena || cap(s.scratch) > maxArena {
		s.arena, s.scratch = nil, nil
	}
	*s = state{arena: s.arena[:0], slots: s.slots[:0], captures: s.captures[:0], scratch: s.scratch[:0], release: s.release}
}

// slot returns the place of a value; it is valid until the next call.
func (s *state) slot(i int) *slot {
	for len(s.slots) <= i {
		s.slots = append(s.slots, slot{})
	}
	return &s.slots[i]
}

// keep copies b into the memory of the request.
func (s *state) keep(b []byte) []byte {
	at := len(s.arena)
	s.arena = append(s.arena, b...)
	return s.arena[at:len(s.arena):len(s.arena)]
}

// Append appends the value of the variable to dst; see [Getter].
func (v *Variable) Append(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if v.slot < 0 {
		return v.get(c, dst)
	}
	if s := current(c); s != nil && v.slot < len(s.slots) {
		if sl := &s.slots[v.slot]; sl.kept {
			return append(dst, sl.value...), sl.found
		}
	}
	return v.compute(c, dst)
}

// compute calls the getter of a variable that may be kept.
func (v *Variable) compute(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	s := stateOf(c)
	if s.depth == maxDepth {
		logCycle(c, v)
		return dst, false
	}
	s.depth++
	at := len(dst)
	dst, found := v.get(c, dst)
	s.depth--
	if v.flags&Cached != 0 {
		value := s.keep(dst[at:])
		*s.slot(v.slot) = slot{value, true, found}
	}
	return dst, found
}

// Set stores the value of a variable that [Table.AddUser] returned, as a copy.
func (v *Variable) Set(c *pipeline.Ctx, value []byte) {
	if v.set != nil {
		v.set(c, value)
		return
	}
	s := stateOf(c)
	value = s.keep(value)
	*s.slot(v.slot) = slot{value, true, true}
}

// uninitialized is the getter of a variable that was not set yet.
func uninitialized(v *Variable) Getter {
	return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
		if env := EnvOf(c); env.WarnUninitialized() {
			env.Log("warn", `using uninitialized "`+v.name+`" variable`)
		}
		return dst, true
	}
}

func logCycle(c *pipeline.Ctx, v *Variable) {
	EnvOf(c).Log("error", `cycle while evaluating variable "`+v.name+`"`)
}
