package proxy

import (
	"strconv"

	"github.com/wheelpit/wheelpit/loop"
)

// rate bounds how fast an answer is read (NGINX proxy_limit_rate): bytes a second, counted from the first.
type rate struct {
	limit int64 // 0 for none
	spent int64
	from  uint32 // tick of the first byte
	begun bool
	rests bool
}

// set reads a number of bytes.
func (r *rate) set(text []byte) {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err == nil && n > 0 {
		r.limit = n
	}
}

func (r *rate) spend(n int) { r.spent += int64(n) }

// pace has the peer wait when it has sent more than its rate allows.
func (x *call) pace() {
	r := &x.rate
	if r.limit == 0 || x.link == nil || x.stage != atBody {
		return
	}
	now := x.r.Ticks()
	if !r.begun {
		r.begun, r.from = true, now
	}
	due := r.from + uint32(r.spent*int64(loop.Ticks(1e9))/r.limit)
	if wait := int32(due - now); wait > 0 {
		r.rests = true
		x.link.conn.Pause()
		x.link.conn.SetTimeout(timeRead, uint32(wait))
	}
}

// waits tells whether the time-out that passed is the rest's, and goes on reading.
func (r *rate) waits(x *call) bool {
	if !r.rests {
		return false
	}
	r.rests = false
	if x.link != nil {
		x.link.conn.SetTimeout(timeRead, x.h.read)
		if !x.held {
			x.link.conn.Resume()
		}
	}
	return true
}
