package ssi

import (
	"errors"
	"sync"
)

// inclusion is an included body on its way: a subrequest writes it on a goroutine of its own, and the machine of the page takes
// what came when it is its turn. It holds at most aheadMax bytes; a writer that is ahead of the page by more waits.
type inclusion struct {
	stub   *block // takes the place of a body that fails or is empty; nil for none
	errmsg string // of the page, where it stood

	mu      sync.Mutex
	change  sync.Cond // of anything below
	body    []byte    // that the page has not taken
	waiting bool      // the subrequest waits for somebody else
	ended   bool
	dropped bool // nobody takes the body any more
	status  int
	err     error

	begun bool // the page has taken a part; its goroutine's
}

const aheadMax = 64 << 10

var errDropped = errors.New("ssi: the page of an included body has ended")

func newInclusion(stub *block, errmsg string) *inclusion {
	i := &inclusion{stub: stub, errmsg: errmsg}
	i.change.L = &i.mu
	return i
}

// Write takes a piece of the body.
func (i *inclusion) Write(p []byte) (n int, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for n < len(p) {
		for len(i.body) >= aheadMax && !i.dropped {
			i.change.Wait()
		}
		if i.dropped {
			return n, errDropped
		}
		k := min(len(p)-n, aheadMax-len(i.body))
		i.body = append(i.body, p[n:n+k]...)
		n += k
		i.change.Broadcast()
	}
	return n, nil
}

// waits tells that the subrequest waits for somebody else, an upstream perhaps: the page goes on.
func (i *inclusion) waits() {
	i.mu.Lock()
	i.waiting = true
	i.change.Broadcast()
	i.mu.Unlock()
}

// end tells how the subrequest ended.
func (i *inclusion) end(status int, err error) {
	i.mu.Lock()
	i.ended, i.status, i.err = true, status, err
	i.change.Broadcast()
	i.mu.Unlock()
}

// turn returns when the subrequest has gone as far as it can by itself: it has ended, waits, or is too far ahead.
func (i *inclusion) turn() {
	i.mu.Lock()
	for !i.ended && !i.waiting && len(i.body) < aheadMax {
		i.change.Wait()
	}
	i.mu.Unlock()
}

// settled tells whether it is known if there is a body; wait awaits that. One of aheadMax bytes is one.
func (i *inclusion) settled(wait bool) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	for wait && !i.ended && len(i.body) < aheadMax {
		i.change.Wait()
	}
	return i.ended || len(i.body) >= aheadMax
}

// failed tells whether the subrequest has ended without a body that could be shown, so that a block takes its place.
func (i *inclusion) failed() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.ended && (i.err != nil || i.status >= 300 || len(i.body) == 0)
}

// take returns what has come of the body; wait awaits the next piece. Nothing is the end if ended says so.
func (i *inclusion) take(wait bool) (b []byte, ended bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for wait && len(i.body) == 0 && !i.ended {
		i.change.Wait()
	}
	b, i.body = i.body, nil
	i.change.Broadcast()
	return b, len(b) == 0 && i.ended
}

// drop has the subrequest fail with its next byte, and awaits its end.
func (i *inclusion) drop() {
	i.mu.Lock()
	i.dropped = true
	i.change.Broadcast()
	for !i.ended {
		i.change.Wait()
	}
	i.mu.Unlock()
}
