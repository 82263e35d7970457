package ssi

import (
	"sync"
	"sync/atomic"

	"github.com/wheelpit/wheelpit/pipeline"
)

// shared is what all bodies of an answer have in common. Included bodies are made at the same time, so it is locked.
type shared struct {
	running atomic.Int32 // subrequests under way
	total   atomic.Int32 // subrequests so far

	mu        sync.Mutex
	variables []variable
	blocks    []*block // that have their end
	captures  []string
}

// variable is set by commands; its name is in lower case.
type variable struct{ name, value string }

// block is a part of a body that is kept until a stub needs it.
type block struct {
	name string
	body []byte
}

type sharedKey struct{}

// share returns what the answer of c has in common.
func share(c *pipeline.Ctx) *shared {
	if s, ok := c.Get(sharedKey{}).(*shared); ok {
		return s
	}
	s := new(shared)
	c.Set(sharedKey{}, s)
	return s
}

// Share gives a request within c the variables and blocks of c. Whoever makes subrequests calls it.
func Share(c, nested *pipeline.Ctx) {
	if s := c.Get(sharedKey{}); s != nil {
		nested.Set(sharedKey{}, s)
	}
}

// lookup returns a variable that was set, or a capture.
func (s *shared) lookup(name string) (value string, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(name) == 1 && name[0] >= '0' && name[0] <= '9' && int(name[0]-'0') < len(s.captures) {
		return s.captures[name[0]-'0'], true
	}
	for i := range s.variables {
		if s.variables[i].name == name {
			return s.variables[i].value, true
		}
	}
	return "", false
}

// set sets a variable.
func (s *shared) set(name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.variables {
		if s.variables[i].name == name {
			s.variables[i].value = value
			return
		}
	}
	s.variables = append(s.variables, variable{name, value})
}

// capture keeps what the groups of a regular expression matched.
func (s *shared) capture(groups []string) {
	s.mu.Lock()
	s.captures = groups
	s.mu.Unlock()
}

// keep adds a block.
func (s *shared) keep(b *block) {
	s.mu.Lock()
	s.blocks = append(s.blocks, b)
	s.mu.Unlock()
}

// find returns the first block of that name, or nil.
func (s *shared) find(name string) *block {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.blocks {
		if b.name == name {
			return b
		}
	}
	return nil
}
