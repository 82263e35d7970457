package middleware

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"net/netip"
	"sync"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// notes is what the middleware of this package remember of a request for each other and for the accessors. It is pooled
// and goes back when the response has been sent, so that remembering costs no allocation. The access logs are called from
// here too, because they are the last to read it, whatever the order of the middleware.
type notes struct {
	c        *pipeline.Ctx
	began    time.Time // zero until somebody asked for it
	deadline time.Time // of Timeout; zero when there is none
	client   netip.Addr
	proxied  bool // the peer is one that RealIP trusts
	id       []byte
	user     []byte
	line     []byte
	limits   []limitNote
	logs     []*AccessLog
	done     func() // finish, made once
	end      func() // giveBack, made once
}

type notesKey struct{}

var notesPool sync.Pool

// notesOf returns the notes of a request, begun if need be.
func notesOf(c *pipeline.Ctx) *notes {
	if n := peek(c); n != nil {
		return n
	}
	n, _ := notesPool.Get().(*notes)
	if n == nil {
		n = new(notes)
		n.done, n.end = n.finish, n.giveBack
	}
	n.c = c
	c.Set(notesKey{}, n)
	c.OnClose(n.done)
	return n
}

// peek returns the notes of a request, nil when there are none.
func peek(c *pipeline.Ctx) *notes {
	n, _ := c.Get(notesKey{}).(*notes)
	return n
}

// start returns when the first middleware that measures time saw the request.
func (n *notes) start() time.Time {
	if n.began.IsZero() {
		n.began = time.Now()
	}
	return n.began
}

// finish writes the access logs.
func (n *notes) finish() {
	for _, l := range n.logs {
		l.log(n)
	}
	n.c.OnClose(n.end) // receivers of OnFinish may still look at them
}

// giveBack has the notes used for another request.
func (n *notes) giveBack() {
	n.c.Set(notesKey{}, nil)
	clear(n.logs)
	clear(n.limits)
	*n = notes{done: n.done, end: n.end, id: n.id[:0], user: n.user[:0], line: n.line[:0], limits: n.limits[:0], logs: n.logs[:0]}
	notesPool.Put(n)
}
