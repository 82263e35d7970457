package proxy

// Hot: every call comes from here and goes back; no allocation once there are enough.

import (
	"sync"

	"github.com/wheelpit/wheelpit/loop"
)

// spares are calls that are over, with their memory. A reactor takes them and as a rule gives them back, so nobody else wants the
// lock; what a worker ends comes back as well. A sync.Pool is three times the code on the way of every request, so it has only what
// is beyond sparesMax, which the garbage collector may have.
type spares struct {
	mu   sync.Mutex
	free []*call
	_    [96]byte // each has its cache lines
}

// sparesMax bounds what one list keeps for good: as many calls as a reactor has at a time, as a rule. Each has up to 64 KiB in each of
// its buffers, and some kilobytes usually.
const sparesMax = 64

// moreCalls are those beyond.
var moreCalls sync.Pool

// spareCalls are the lists of the reactors, by number. Two reactors that share one, those of two servers in a process, do no harm.
var spareCalls [64]spares

func sparesOf(r *loop.Reactor) *spares { return &spareCalls[r.Index()%len(spareCalls)] }

func (s *spares) get() *call {
	s.mu.Lock()
	n := len(s.free) - 1
	if n < 0 {
		s.mu.Unlock()
		if x, _ := moreCalls.Get().(*call); x != nil {
			return x
		}
		return freshCall()
	}
	x := s.free[n]
	s.free = s.free[:n]
	s.mu.Unlock()
	return x
}

func (s *spares) put(x *call) {
	s.mu.Lock()
	if len(s.free) < sparesMax {
		s.free = append(s.free, x)
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	moreCalls.Put(x)
}
