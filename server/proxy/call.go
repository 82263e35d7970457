package proxy

// Hot: a call is taken and given back for every request; no allocation once its memory is warm.

import (
	"sync/atomic"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/fastcgi"
	"github.com/wheelpit/wheelpit/server/memcached"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// stage is how far a call has come.
type stage uint8

const (
	idle       stage = iota
	waiting          // for a peer: all are at max_conns
	connecting       // and sending
	atHead           // the head of the answer is read, or awaited
	atBody
	finished // nothing more comes, and no link is held
)

// output is where the body of the answer goes.
type output uint8

const (
	undecided output = iota
	whole            // into the call, before the request goes on
	live             // to the client's connection, on the reactor
	piped            // to a worker
	dropped          // nowhere
)

// call is one request to an upstream, with all its tries. See the package documentation for who may touch what.
type call struct {
	progress

	// Made once, see freshCall.
	ready   chan struct{} // tells a worker that there is an answer, or none
	onPost  func()        // begin
	onDrop  func()
	onRead  func() // the pipe has room again
	onClose func()
	onFree  func() // a peer became free
	onBusy  func() bool
	onWake  func() // the cache has what the request waits for
	pipeTo  func(*pipeline.Stream) error

	// Memory that is used again.
	head              []byte // of the request
	raw               []byte // the head of the answer, and its body when it is whole
	trailers          []byte // field lines behind the chunks, if they are passed on
	key, sticky, text []byte
	bodyMem           []byte
	states            []state
	logs              []logLine
	pick              upstream.Request
	res               http1.Response
	fill              filling // of a cache
	pipe              pipe
}

// progress is what of a call begins anew with each request: so much is cleared for each.
type progress struct {
	h *Handler
	c *pipeline.Ctx // of the handler; the reactor uses it while the request is suspended or live, and then only
	r *loop.Reactor

	carrier server.Suspender // suspends and resumes; nil when a worker waits

	// The request.
	body    content
	local   loop.DialSpec
	own     bool   // the connection is of this request alone: it binds an address, or begins with preface
	preface []byte // the client's address, if it is told to the peer

	// The tries.
	up       *Upstream
	peer     *upstream.Peer
	last     *upstream.Peer // that answered
	link     *link
	tries    int
	granted  atomic.Pointer[upstream.Peer] // that became free; see waiting.go
	patience *time.Timer
	waits    int
	asks     *asking   // another reactor for a connection
	began    uint32    // tick
	at       time.Time // when the event in progress began: the clock is read once for each
	older    *call     // of the same request, before an internal redirect
	sent     bool      // the whole head of the request, or some of it, was sent
	reused   bool      // link was kept alive
	heard    bool      // something was received on it
	hinted   int       // bytes of interim responses that were

	// The answer.
	stage  stage
	out    output
	msg    *http1.Response // what the client gets: res, or an entry of a cache
	msgRaw []byte          // its bytes
	chunks http1.ChunkReader
	fcgi   fastcgi.Reader
	mem    memcached.Reader
	left   int64 // of the body: bytes, -1 in chunks, http1.UntilClose
	bodyAt int   // where a whole body begins in raw
	err    error // why there is no answer, or why its body ends early
	fault  int   // status of err
	live   liveWriter
	held   bool // link is paused until the client has taken more
	spill  spill
	rate   rate
	saved  saving
	entire Whole // of which the client gets what it asked for
	// The client gets a range alone: what is still to be left out, and to be sent, in bytes.
	clipped    bool
	skip, want int64

	method     http1.Method
	refs       atomic.Int32
	done       atomic.Bool
	noted      atomic.Bool // there are logs
	once       bool        // the request may not be sent twice
	settled    bool        // the handler has taken the answer
	told       bool        // the worker that waits was
	starting   bool        // the handler has not returned yet
	session    []byte      // what a sticky group learns when the try is done, if learns
	learns     bool
	unbuffered bool
	upgrade    bool // another protocol was asked for: by the client, and by what was sent on
}

// liveWriter is the client's connection while a response is live.
type liveWriter interface {
	pipeline.LiveWriter
	Conn() *loop.Conn
	Chunked() bool
	CountLive(n int64)
}

// state is what a try has come to: the variables $upstream_….
type state struct {
	peer                  string
	status                int
	connect, header, time time.Duration // -1: not reached
	began                 time.Time
	// Bytes, and those of the body. They are counted while a worker may read them, in the fields of the response.
	received, sent, length atomic.Int64
}

// freshCall makes a call. What is handed to others as a function is made here, once.
func freshCall() *call {
	x := &call{ready: make(chan struct{}, 1)}
	x.pipe.wake = make(chan struct{}, 1)
	x.onPost, x.onDrop, x.onRead, x.onClose, x.onFree = x.start, x.dropHere, x.readOn, x.close, x.freed
	x.onWake = x.woken
	x.onBusy = x.busy
	x.pipeTo = x.copyTo
	return x
}

// newCall takes a call for the request. Two refer to it: the Ctx, until it is closed, and the reactor, until it is finished.
func newCall(h *Handler, c *pipeline.Ctx, r *loop.Reactor) *call {
	x := sparesOf(r).get()
	countCall(1)
	x.h, x.c, x.r = h, c, r
	x.refs.Store(2)
	x.method = c.Head.Method
	switch x.method {
	case http1.MethodPost, http1.MethodPatch:
		x.once = true
	case http1.MethodOther:
		x.once = string(c.Head.MethodSpan.Of(c.HeadBytes())) == "LOCK"
	}
	return x
}

// release drops a reference.
func (x *call) release() {
	if x.refs.Add(-1) > 0 {
		return
	}
	countCall(-1)
	if o := x.older; o != nil {
		o.release()
	}
	x.spill.close()
	x.body.close()
	x.fill.reset()
	x.saved.abort()
	x.pipe.reset(x.r)
	if len(x.ready) > 0 {
		<-x.ready
	}
	clear(x.states)
	x.states = x.states[:0]
	if len(x.logs) > 0 {
		clear(x.logs)
		x.logs = x.logs[:0]
	}
	spares := sparesOf(x.r)
	x.progress = progress{}
	x.head, x.raw, x.trailers = kept(x.head), kept(x.raw), kept(x.trailers)
	x.key, x.sticky, x.text, x.bodyMem = kept(x.key), kept(x.sticky), kept(x.text), kept(x.bodyMem)
	x.res.Reset()
	x.pick.Reset()
	spares.put(x)
}

// keptMax is the largest buffer in bytes that a call keeps for the next request.
const keptMax = 64 << 10

// kept is a buffer for the next request, unless one odd request made it large.
func kept(b []byte) []byte {
	if cap(b) > keptMax {
		return nil
	}
	poison(b[:cap(b)])
	return b[:0]
}
