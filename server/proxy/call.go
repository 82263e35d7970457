package proxy

// Hot: a call is taken and given back for every request; no allocation once its memory is warm.

import (
	"strings"
	"sync"
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
	h *Handler
	c *pipeline.Ctx // of the handler; the reactor uses it while the request is suspended or live, and then only
	r *loop.Reactor

	carrier server.Suspender // suspends and resumes; nil when a worker waits
	ready   chan struct{}    // tells a worker that there is an answer, or none
	onPost  func()           // begin, made once
	onDrop  func()
	onRead  func() // the pipe has room again
	onClose func()
	onFree  func() // a peer became free
	onBusy  func() bool
	onWake  func() // the cache has what the request waits for
	pipeTo  func(*pipeline.Stream) error

	// The request.
	head    []byte
	body    content
	local   loop.DialSpec
	own     bool   // the connection is of this request alone: it binds an address, or begins with preface
	preface []byte // the client's address, if it is told to the peer

	// The tries.
	up       *Upstream
	pick     upstream.Request
	peer     *upstream.Peer
	last     *upstream.Peer // that answered
	link     *link
	tries    int
	granted  atomic.Pointer[upstream.Peer] // that became free; see waiting.go
	patience *time.Timer
	waits    int
	began    uint32    // tick
	at       time.Time // when the event in progress began: the clock is read once for each
	states   []state
	older    *call // of the same request, before an internal redirect
	sent     bool  // the whole head of the request, or some of it, was sent
	reused   bool  // link was kept alive
	heard    bool  // something was received on it
	hinted   int   // bytes of interim responses that were

	// The answer.
	stage    stage
	out      output
	res      http1.Response
	msg      *http1.Response // what the client gets: res, or an entry of a cache
	msgRaw   []byte          // its bytes
	raw      []byte          // the head of the answer, and its body when it is whole
	chunks   http1.ChunkReader
	trailers []byte // field lines behind the chunks, if they are passed on
	fcgi     fastcgi.Reader
	mem      memcached.Reader
	left     int64 // of the body: bytes, -1 in chunks, http1.UntilClose
	bodyAt   int   // where a whole body begins in raw
	err      error // why there is no answer, or why its body ends early
	fault    int   // status of err
	logs     []logLine
	live     liveWriter
	held     bool // link is paused until the client has taken more
	spill    spill
	pipe     pipe
	rate     rate
	fill     filling // of a cache
	saved    saving
	entire   Whole // of which the client gets what it asked for
	// The client gets a range alone: what is still to be left out, and to be sent, in bytes.
	clipped    bool
	skip, want int64

	method            http1.Method
	refs              atomic.Int32
	done              atomic.Bool
	noted             atomic.Bool // there are logs
	once              bool        // the request may not be sent twice
	settled           bool        // the handler has taken the answer
	told              bool        // the worker that waits was
	starting          bool        // the handler has not returned yet
	session           []byte      // what a sticky group learns when the try is done, if learns
	learns            bool
	key, sticky, text []byte // memory
	bodyMem           []byte
	unbuffered        bool
	upgrade           bool // the client asks for another protocol
}

// liveWriter is the client's connection while a response is live.
type liveWriter interface {
	pipeline.LiveWriter
	Conn() *loop.Conn
	Chunked() bool
	CountLive(n int64)
}

// logLine is a line for the error log that was noted where there was no request to log it for.
type logLine struct {
	level, text string
	peer        string // that it is about; empty for none
}

// state is what a try has come to: the variables $upstream_….
type state struct {
	peer                  string
	status                int
	connect, header, time time.Duration // -1: not reached
	received, sent        int64
	length                int64 // of the body
	began                 time.Time
}

var calls sync.Pool

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
	x, _ := calls.Get().(*call)
	if x == nil {
		x = freshCall()
	}
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
	x.upgrade = c.Head.HasUpgrade
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
	x.pipe.reset(x.r)
	x.body.close()
	x.fill.reset()
	x.saved.abort()
	select {
	case <-x.ready:
	default:
	}
	clear(x.states)
	clear(x.logs)
	*x = call{
		ready: x.ready, onPost: x.onPost, onDrop: x.onDrop, onRead: x.onRead, onClose: x.onClose, onFree: x.onFree, onWake: x.onWake, onBusy: x.onBusy,
		pipeTo: x.pipeTo, fill: x.fill, head: kept(x.head), raw: kept(x.raw), key: kept(x.key), sticky: kept(x.sticky), text: kept(x.text),
		bodyMem: kept(x.bodyMem), trailers: kept(x.trailers), states: x.states[:0], logs: x.logs[:0], pipe: pipe{wake: x.pipe.wake, bufs: x.pipe.bufs[:0]},
		res: x.res, pick: x.pick,
	}
	x.res.Reset()
	x.pick.Reset()
	calls.Put(x)
}

// kept is a buffer for the next request, unless one odd request made it large.
func kept(b []byte) []byte {
	if cap(b) > 64<<10 {
		return nil
	}
	return b[:0]
}

// close is called when the request ends, whatever became of it.
func (x *call) close() {
	x.stop()
	x.release()
}

// Drop ends a live body; see pipeline.LiveBody.
func (x *call) Drop() { x.close() }

// stop tells that nobody wants the answer any more.
func (x *call) stop() {
	if x.done.Load() {
		return
	}
	x.pipe.drop()
	x.refs.Add(1)
	x.r.Post(x.onDrop)
}

// dropHere is stop's part on the reactor.
func (x *call) dropHere() {
	if x.keepsFilling() {
		x.leaveClient()
	} else {
		x.abandon()
	}
	x.release()
}

// leaveClient goes on for the cache alone.
func (x *call) leaveClient() {
	x.out, x.live, x.carrier = dropped, nil, nil
	x.Drained()
}

// abandon ends the call where it is. Its link cannot be used again.
func (x *call) abandon() {
	switch x.stage {
	case finished:
		return
	case waiting:
		x.leaveQueue()
		x.stopPatience()
	}
	if x.stage != idle { // it was begun
		x.out, x.at = dropped, time.Now()
		x.noteEnd()
		x.fill.abort()
		x.saved.abort()
		x.letGo(false, false)
	}
	told := x.told || x.carrier != nil
	x.told = true
	x.finish()
	if !told { // a worker waits, or will
		x.ready <- struct{}{}
	}
}

// busy tells whether the reactor is not done with the call, or with one before it. Any goroutine may ask.
func (x *call) busy() bool { return !x.done.Load() || x.older != nil && x.older.busy() }

// finish is the end of the reactor's part.
func (x *call) finish() {
	if x.stage == finished {
		return
	}
	x.stage = finished
	x.done.Store(true)
	x.body.stop() // a worker may wait for room
	x.release()
}

// Gone tells that the client has left; see server.Waiter.
func (x *call) Gone(lost bool) bool {
	if !lost && (x.h.cfg.IgnoreClientAbort || x.h.cfg.StoreTo != nil || x.fill.w != nil) {
		return false
	}
	if x.fill.waits {
		x.stopWaiting()
		x.fill.waits = false
	}
	if x.keepsFilling() {
		x.leaveClient()
		return true
	}
	x.abandon()
	return true
}

// Drained tells that the client has taken what was queued; see server.Waiter.
func (x *call) Drained() {
	if x.held {
		x.held = false
		if x.link != nil {
			x.link.conn.SetTimeout(timeRead, x.h.read) // which did not run against the peer meanwhile
			x.link.conn.Resume()
		}
	}
}

// Attach begins a live body; see pipeline.LiveBody.
func (x *call) Attach(w pipeline.LiveWriter) {
	x.out = live
	x.live = w.(liveWriter)
	x.settled = true
	x.beginLive()
}

// Pipe returns the function of a stream; see pipeline.LiveBody.
func (x *call) Pipe() func(*pipeline.Stream) error { return x.pipeTo }

// note keeps a line for the error log. It is told at once to nobody: a worker may have the Ctx. What a peer can make us note
// without end is not kept without end.
func (x *call) note(level, text string) {
	if x.h.cfg.Log == nil {
		return
	}
	x.pipe.mu.Lock()
	if len(x.logs) < maxNotes {
		line := logLine{level: level, text: text}
		if len(x.states) > 0 {
			line.peer = x.state().peer
		}
		x.logs = append(x.logs, line)
		x.noted.Store(true)
	}
	x.pipe.mu.Unlock()
}

// maxNotes bounds the lines that wait to be told.
const maxNotes = 64

// tell writes the lines to the log: by who has the Ctx.
func (x *call) tell(c *pipeline.Ctx) {
	if !x.noted.Swap(false) {
		return
	}
	x.pipe.mu.Lock()
	lines := x.logs
	x.logs = nil
	x.pipe.mu.Unlock()
	for i := range lines {
		x.h.cfg.Log(c, lines[i].level, lines[i].text, x.address(lines[i].peer))
	}
}

var schemes = [...]string{HTTP: "http://", UWSGI: "uwsgi://", FastCGI: "fastcgi://", SCGI: "scgi://", Memcached: "memcached://"}

// address is how NGINX's log names a peer: with the target that the request to it has.
func (x *call) address(peer string) string {
	if peer == "" {
		return ""
	}
	text := schemes[x.h.cfg.Protocol] + peer
	if x.h.cfg.Protocol != HTTP {
		return text
	}
	_, line, _ := strings.Cut(string(x.head), " ")
	target, _, _ := strings.Cut(line, " ")
	if strings.HasPrefix(peer, "unix:") {
		text += ":"
	}
	return text + target
}

// wakeUp has the request run on: there is an answer, or none will come.
func (x *call) wakeUp() {
	if x.starting {
		return
	}
	if x.carrier == nil {
		if x.out == undecided {
			x.out = piped
		}
		x.told = true
		x.ready <- struct{}{}
		return
	}
	if x.out == dropped {
		return
	}
	x.carrier.Resume()
	if x.out == undecided && x.stage != finished {
		x.out = piped // the request went to a worker
	}
}
