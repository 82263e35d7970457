package proxy

import (
	"strconv"
	"time"

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
	if r.limit = n; err != nil || n < 0 {
		r.limit = 0
	}
}

// piece is as much of what the peer has sent as the rate allows now.
func (x *call) piece(in []byte) []byte {
	r := &x.rate
	if r.limit == 0 {
		return in
	}
	now := x.r.Ticks()
	if !r.begun {
		r.begun, r.from = true, now
	}
	second := int64(loop.Ticks(time.Second))
	allowed := r.limit*(int64(now-r.from)+second)/second - r.spent // as in NGINX, a second's worth at once
	return in[:min(int64(len(in)), max(allowed, 0))]
}

// pace counts n bytes that were taken, and has the peer wait when the rate leaves more of them, for as long as they are worth.
func (x *call) pace(n, more int) {
	r := &x.rate
	r.spent += int64(n)
	if r.limit == 0 || more == 0 || x.link == nil || x.stage != atBody {
		return
	}
	wait := loop.Ticks(time.Duration(min(int64(more), r.limit)) * time.Second / time.Duration(r.limit))
	r.rests = true
	x.link.conn.Pause()
	x.link.conn.SetTimeout(timeRead, max(wait, 1))
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
