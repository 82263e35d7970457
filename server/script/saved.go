package script

import (
	"bytes"
	"slices"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Saved is a copy of what a request keeps: values of variables, captures, arguments. It is for a request that goes on with another
// one's work when that may be over.
type Saved struct{ s *state }

// Save copies what c keeps; what it returns may be used on any goroutine, once.
func Save(c *pipeline.Ctx) *Saved {
	from := current(c)
	if from == nil {
		return nil
	}
	s := &state{
		slots: slices.Clone(from.slots), subject: bytes.Clone(from.subject), captures: slices.Clone(from.captures),
		args: bytes.Clone(from.args), hasArgs: from.hasArgs, changed: from.changed,
	}
	for i := range s.slots {
		s.slots[i].value = bytes.Clone(s.slots[i].value)
	}
	s.release = s.reset
	return &Saved{s}
}

// Restore gives c what was saved, in place of what it keeps. A nil Saved is one of a request that kept nothing.
func (v *Saved) Restore(c *pipeline.Ctx) {
	if v == nil {
		return
	}
	if s := current(c); s != nil {
		s.reset()
	}
	v.s.c = c
	*c.Attached(stateSlot) = v.s
	c.OnClose(v.s.release)
}
