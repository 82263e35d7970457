package server

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pool"
)

// exchange is one request and its response while they are in progress, and the pipeline's Transport. It belongs to the
// reactor of its connection, or to the worker the connection is lent to; it is reused.
type exchange struct {
	ctx pipeline.Ctx
	r   *reactor
	inTurn

	local   Resetter // see Carrier.Slot; it stays when the exchange is reused
	head    []byte   // own copy of the head (and body), pooled, once the request leaves the read buffer
	content []byte   // body gathered in memory, pooled
	path    []byte   // normalised path, when it is not a view of the head

	chunks http1.ChunkReader
	aside  atomic.Int64 // left, as the worker may ask meanwhile
	entry  Entry
}

// inTurn is what holds for one request and keeps no memory for the next: it is emptied in one go.
type inTurn struct {
	s      *session
	conn   *loop.Conn
	rt     *Runtime
	policy *Policy // how the request is treated; that of its place until Carrier.Treat

	left      int64 // body bytes not read yet; -1: chunked, not at its end
	bodyRead  int64
	skipTimed bool   // the time of the body that is dropped runs
	skipEnd   uint32 // and ends at this tick
	announced int64  // what a chunked body has shown to hold, here or in the size of its last chunk, before anybody read it
	bodyErr   error  // what reading the body failed on for good
	adrift    bool   // nobody knows where the body ends
	dropping  bool   // it is read to be dropped, see dropAside
	continued bool   // 100 was sent, or nobody waits for it
	told100   bool   // it was sent

	keepAlive bool
	headSent  bool
	chunked   bool  // the response is sent in chunks
	length    int64 // of a streamed response, -1 when it is not known
	sent      int64 // body bytes queued
	sentHead  int64 // and those of the head
	onWorker  bool
	onGone    func() // asked for before there was a worker
	hijacked  bool   // the connection is the application's, see hijack.go
	switched  Switched
	remind    uint32 // ticks, see Suspender.Remind
	waiter    Waiter // while suspended, and while the response is live
	duplex    bool   // the body may be read while the response is written
	join      func() // ends who reads it beside the worker, see aside.go
	deadlines *deadlines
	timing    bool      // the header time-out runs
	began     time.Time // only when there is an access log

	// The end of the request, see deliver.go.
	next       *exchange   // that was answered behind this one, and waits as well
	from       []byte      // head and body in the read buffer, while the event lasts
	start, end int64       // of the response, in the bytes of the connection
	status     int         // for the access log
	reason     string      // for the access log
	nth        uint32      // number of the request on its connection
	pipelined  bool        // it came in one piece with the one before
	busy       func() bool // see Carrier.EndAfter
	owed       bool        // the response is queued, as far as there is one
	broken     bool        // and is not whole
	gone       *elsewhere  // when the connection is not there any more
	over       bool        // its end is being told
}

var (
	_ pipeline.Transport = (*exchange)(nil)
	_ pipeline.Lifecycle = (*exchange)(nil)
)

// spares are exchanges that workers gave back.
type spares struct {
	mu   sync.Mutex
	free []*exchange
}

// exchange returns a fresh one for a session of this reactor.
func (r *reactor) exchange(s *session) *exchange {
	if len(r.free) == 0 {
		r.srv.spares.mu.Lock()
		r.free, r.srv.spares.free = r.srv.spares.free, r.free
		r.srv.spares.mu.Unlock()
	}
	var x *exchange
	if n := len(r.free) - 1; n >= 0 {
		x = r.free[n]
		r.free = r.free[:n]
	} else {
		x = new(exchange)
	}
	x.ctx.SetWatch(&r.watch)
	x.r, x.s, x.conn, x.rt = r, s, s.conn, r.srv.runtime.Load()
	if s.placeOf != x.rt {
		s.find(x.rt)
	}
	x.policy, x.start = s.policy, s.conn.Enqueued()
	if x.rt.accessLog != nil {
		x.began = r.loop.Now()
	}
	return x
}

// release ends the exchange: memory goes back, the Ctx's closers run.
func (x *exchange) release() {
	x.headRead()
	x.over = true
	x.ctx.Reset()
	x.over = false
	if x.local != nil {
		x.local.Reset()
	}
	if x.head != nil || x.content != nil {
		x.dropBuffers()
	}
	x.endDeadlines()
	x.chunks.Reset()
	pool.Spoil(x.path)
	x.path = x.path[:0]
	r, worker := x.r, x.onWorker
	x.r, x.inTurn = nil, inTurn{}
	if worker {
		r.srv.spares.put(x)
	} else if len(r.free) < freeExchanges {
		r.free = append(r.free, x)
	}
}

// put keeps an exchange for the reactors.
func (sp *spares) put(x *exchange) {
	sp.mu.Lock()
	if len(sp.free) < freeExchanges {
		sp.free = append(sp.free, x)
	}
	sp.mu.Unlock()
}

func (x *exchange) dropBuffers() {
	for _, b := range [...]*[]byte{&x.head, &x.content} {
		if *b == nil {
			continue
		}
		if x.onWorker {
			x.r.loop.Shared().Put(*b)
		} else {
			x.r.loop.Mem().Put(*b)
		}
		*b = nil
	}
}

// Remote returns the client's address.
func (x *exchange) Remote() netip.AddrPort {
	if x.gone != nil {
		return x.gone.peer
	}
	return x.conn.Remote()
}

// Local returns the address the client connected to.
func (x *exchange) Local() netip.AddrPort {
	if x.gone != nil {
		return x.gone.here
	}
	return x.conn.Local()
}

// Secure tells whether the connection is encrypted.
func (x *exchange) Secure() bool { return false }

// OnGone has f called when the client leaves. On the reactor nothing else can happen meanwhile, so it matters on a worker:
// of this call, or when the request comes to one later.
func (x *exchange) OnGone(_ *pipeline.Ctx, f func()) {
	if x.gone != nil {
		return
	}
	if x.onWorker {
		x.conn.OnGone(f)
		return
	}
	x.onGone = f
}

// BaseContext and Draining tell of the server's end; see pipeline.Lifecycle.
func (x *exchange) BaseContext() context.Context { return x.r.srv.base }

// Draining is closed when the server begins to shut down.
func (x *exchange) Draining() <-chan struct{} { return x.r.srv.draining }
