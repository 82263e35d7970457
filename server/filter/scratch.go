package filter

// Hot: runs for every value that has variables; no allocation once the pool is warm.

import (
	"sync"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pool"
)

// Value appends a value that may contain variables to dst; nil stands for a directive that is not set.
type Value func(c *pipeline.Ctx, dst []byte) []byte

// Scratch is memory for a value while it is used.
type Scratch struct{ B []byte }

var scratches = sync.Pool{New: func() any { return &Scratch{B: make([]byte, 0, 512)} }}

// GetScratch returns empty memory. Whoever got it calls Put.
func GetScratch() *Scratch { return scratches.Get().(*Scratch) }

// Put gives s back; its bytes must not be used any more.
func (s *Scratch) Put() {
	if cap(s.B) <= 64<<10 {
		pool.Spoil(s.B[:cap(s.B)])
		s.B = s.B[:0]
		scratches.Put(s)
	}
}
