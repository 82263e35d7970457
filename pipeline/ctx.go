package pipeline

// Hot: a Ctx is used and reset for every request; resetting touches only what requests use.

import (
	"time"
	"unsafe"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pool"
	"github.com/wheelpit/wheelpit/router"
)

// Ctx is one request and its response. It is pooled: a handler must not keep it, nor anything it got from a method whose
// name ends in Bytes. Only the goroutine that runs the handler may use it.
type Ctx struct {
	// Head is the parsed request head. Its spans are of HeadBytes.
	Head http1.Request
	// Match is what the router found, nothing before the URL is resolved; Param reads it.
	Match router.Match

	ofRequest
	arena   []byte // memory of this request: the decoded path, built field values
	res     Response
	paused  []paused // mounted applications that stopped half way, the innermost first
	entered []*Chain // mounted applications that are to be told of the end, the outermost first
	closers []func()
	leavers []func() // see OnLeave
	values  values
	params  []param // set by hooks
	life    lifetime
	watch   *Watch

	attached [maxSlots]any
}

// ofRequest is what holds for one request and keeps no memory for the next: it is emptied in one go.
type ofRequest struct {
	head  []byte // the bytes of the head
	path  string // normalised and percent-decoded; a view of head or of Ctx.arena
	mount string // what mounts have taken off the path
	body  body

	transport Transport
	runner    any // see SetRunner
	place
	frame   frame
	err     error // what became an error page
	escaped error // what no error handler could answer
	begun   bool  // OnStart was told
	aborted bool  // see Abort
	worker  bool
	hooked  bool // Response hooks of a mounted application are still to run
	nested  bool // c is a subrequest
}

// place is where in which application a request is.
type place struct {
	chain    *Chain
	conf     *urlconf // that the request is dispatched with
	chosen   *urlconf // that a hook wants
	target   *target
	viewStep int
}

// NewCtx returns an empty Ctx for whoever carries requests: a server, a test. Applications never make one.
func NewCtx() *Ctx { return new(Ctx) }

// Begin readies c for a request whose head has been parsed into c.Head. head are its bytes, path the normalised path; both
// must stay valid until Reset or the next Rebase.
func (c *Ctx) Begin(t Transport, head []byte, path []byte) {
	c.transport, c.head = t, head
	c.path = view(path)
	c.res.Status = 0
}

// Rebase tells c that the bytes of its head now lie in head, for a request that leaves the read buffer. A path that was a
// view of the old bytes moves along.
func (c *Ctx) Rebase(head []byte) {
	if old := c.head; len(c.path) > 0 && len(old) > 0 {
		at := uintptr(unsafe.Pointer(unsafe.StringData(c.path))) - uintptr(unsafe.Pointer(unsafe.SliceData(old)))
		if at < uintptr(len(old)) {
			c.path = view(head[at : int(at)+len(c.path)])
			c.Match.Rebase(c.path)
		}
	}
	c.head = head
}

// Rebase tells r that what lay in old now lies in the copy of it: body parts and field values that are views of the
// request move along with it.
func (r *Response) Rebase(old, now []byte) {
	for i := range r.parts {
		r.parts[i].Bytes = moved(r.parts[i].Bytes, old, now)
	}
	for i := range r.fields {
		r.fields[i].Value = view(moved(bytesOf(r.fields[i].Value), old, now))
	}
}

// RebaseBody tells c that what lay in old now lies in the copy of it: a body that is a view of the request moves along.
func (c *Ctx) RebaseBody(old, now []byte) {
	if body, ok := c.BodyInMemory(); ok {
		c.SetBody(moved(body, old, now))
	}
}

// moved returns the place of b in now when it lies in old, of which now is a copy, and b itself when it does not.
func moved(b, old, now []byte) []byte {
	at := uintptr(unsafe.Pointer(unsafe.SliceData(b))) - uintptr(unsafe.Pointer(unsafe.SliceData(old)))
	if len(b) == 0 || at >= uintptr(len(old)) {
		return b
	}
	return now[at : int(at)+len(b)]
}

// Reset runs the closers and readies c for the next request.
func (c *Ctx) Reset() {
	if c.Closes() {
		c.finish()
	}
	c.Head.Reset()
	c.resetResponse()
	if c.begun || c.chain != nil || len(c.arena)+len(c.paused)+len(c.entered)+len(c.params)+len(c.values.list) > 0 {
		c.resetMemory()
	}
	c.values.shared, c.values.hasID = false, false
	c.life.deadline = time.Time{}
	c.ofRequest = ofRequest{}
}

// resetMemory empties what keeps its memory, and what only a Chain uses.
func (c *Ctx) resetMemory() {
	c.Match.Reset()
	pool.Spoil(c.arena)
	c.arena = c.arena[:0]
	if cap(c.arena) > 64<<10 { // one odd request must not stay resident (zerolog's putEvent rule)
		c.arena = nil
	}
	clear(c.paused)
	clear(c.entered)
	clear(c.params)
	clear(c.values.list)
	c.paused, c.entered, c.params, c.values.list = c.paused[:0], c.entered[:0], c.params[:0], c.values.list[:0]
}

// SetRunner keeps what the runner of the request, who is no Chain, has of it beside c, until Reset.
func (c *Ctx) SetRunner(r any) { c.runner = r }

// Runner returns what SetRunner kept, or nil.
func (c *Ctx) Runner() any { return c.runner }

// OnClose has f called when the response has been sent, or has failed, whatever happened (Django: response.close). What f
// itself gives to OnClose is called behind the receivers of App.OnFinish.
func (c *Ctx) OnClose(f func()) { c.closers = append(c.closers, f) }

// Closes tells whether Reset will call anything: functions of OnLeave, OnClose or App.OnFinish, or whoever waits for the end of the Context.
func (c *Ctx) Closes() bool {
	return len(c.closers) > 0 || len(c.leavers) > 0 || len(c.entered) > 0 || c.life.started || c.chain != nil && len(c.chain.signals.finished) > 0
}

// SetChain makes c a request of ch without running it, for whoever calls a handler by itself. Chain.Run does it, too.
func (c *Ctx) SetChain(ch *Chain) { c.chain = ch }

// SetWorker tells c where it runs; Chain.Run needs to know.
func (c *Ctx) SetWorker(on bool) { c.worker = on }

// OnWorker tells whether the code runs on a worker, where it may block.
func (c *Ctx) OnWorker() bool { return c.worker }

// Route returns the route, nil before the URL is resolved (Django: request.resolver_match).
func (c *Ctx) Route() *Route {
	if c.target == nil {
		return nil
	}
	return c.target.route
}

// Err returns the error that the response is the page of, for error handlers and logs.
func (c *Ctx) Err() error { return c.err }

// Escaped returns the error that every error handler failed on; the response is then a bare 500.
func (c *Ctx) Escaped() error { return c.escaped }

// keep copies b into the memory of the request and returns the copy as a string, valid as long as the Ctx's request.
func (c *Ctx) keep(b []byte) string {
	at := len(c.arena)
	c.arena = append(c.arena, b...)
	return view(c.arena[at:])
}

// view is b as a string without a copy; whoever uses it must not outlive b.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
