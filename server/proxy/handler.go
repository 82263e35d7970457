package proxy

// Hot: every request that is passed on comes here twice; no allocation once memory is warm.

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/cgi"
)

// Handler passes requests on. It is immutable, and serves on reactors (inline) and on workers alike.
type Handler struct {
	cfg        Config
	cgi        bool // the head of an answer has no status line
	keepsConn  bool // whatever the answer says
	limits     http1.Limits
	skip       fieldSet // fields of the client that are not passed on
	hide       fieldSet // and of the upstream
	params     cgi.Fields
	server     bool   // Server of the upstream is passed on, or none
	date       bool   // and Date
	hasHost    bool   // Fields has a Host
	hasVia     bool   // and a Via
	hasLength  bool   // Fields has a Content-Length, of a CGI parameter
	fixed      []byte // Host and the fields that the location sets, when they are the same for every request
	connect    uint32
	send, read uint32 // ticks
	highWater  int
}

// New compiles a Config.
func New(cfg Config) (*Handler, error) {
	if cfg.Upstream == nil && cfg.Choose == nil {
		return nil, errors.New("proxy: no upstream")
	}
	cfg = cfg.withDefaults()
	h := &Handler{cfg: cfg, cgi: cfg.Protocol != HTTP && cfg.Protocol != Memcached}
	h.keepsConn = cfg.Protocol == FastCGI && cfg.KeepConn || cfg.Protocol == Memcached
	h.limits = http1.Limits{Head: cfg.BufferSize, Fields: maxFields, Trailer: cfg.BufferSize, ChunkExt: 64 << 10}
	h.connect, h.send, h.read = loop.Ticks(cfg.ConnectTimeout), loop.Ticks(cfg.SendTimeout), loop.Ticks(cfg.ReadTimeout)
	h.highWater = max(min(cfg.Buffers, loop.HighWater), 16<<10)
	h.compileFields()
	h.fix()
	return h, nil
}

// withDefaults fills in NGINX's defaults.
func (c Config) withDefaults() Config {
	for _, d := range []*time.Duration{&c.ConnectTimeout, &c.SendTimeout, &c.ReadTimeout} {
		switch {
		case *d == 0:
			*d = defaultTimeout
		case *d < 0:
			*d = loop.Tick
		}
	}
	if c.BufferSize == 0 {
		c.BufferSize = defaultBufferSize
	}
	if c.Buffers == 0 {
		c.Buffers = defaultBuffers
	}
	if c.BodyBuffer == 0 {
		c.BodyBuffer = defaultBodyBuffer
	}
	if c.Next == 0 {
		c.Next = OnError | OnTimeout
	}
	return c
}

// Defaults and limits, with NGINX's words.
const (
	defaultTimeout     = 60 * time.Second // proxy_connect_timeout, proxy_send_timeout, proxy_read_timeout: 60s
	defaultBufferSize  = 4 << 10          // proxy_buffer_size: 4k|8k
	defaultBuffers     = 64 << 10         // proxy_buffers: 8 4k|8k
	defaultBodyBuffer  = 16 << 10         // client_body_buffer_size: 8k|16k
	defaultStoreAccess = 0o600            // proxy_store_access: user:rw
	maxFields          = 1000             // NGINX has no bound but proxy_buffer_size
)

// callKey is what a Ctx keeps its call under.
type callKey struct{}

// callOf returns the latest call of the request, or nil.
func callOf(c *pipeline.Ctx) *call {
	x, _ := c.Get(callKey{}).(*call)
	return x
}

// Serve passes the request on; see pipeline.Handler. On a reactor it returns pipeline.ErrSuspend and is called again when there is
// an answer. It returns a *pipeline.Error with the status when there is none, and *AccelRedirect when the upstream says that
// another location answers.
func (h *Handler) Serve(c *pipeline.Ctx) error {
	x := callOf(c)
	switch {
	case x == nil || x.h != h || x.settled:
		var err error
		if x, err = h.prepare(c, reactorOf(c), x); err != nil {
			return err
		}
	case x.stage != idle:
		return x.answer(c)
	}
	return h.proceed(x, c)
}

// proceed answers from the cache, or passes the request on.
func (h *Handler) proceed(x *call, c *pipeline.Ctx) error {
	if h.cfg.Cache != nil && !x.fill.bypass && !x.fill.ready {
		if done, err := x.look(c); done {
			return err
		}
		x.fill.ready = true
	}
	if c.OnWorker() {
		return h.wait(x, c)
	}
	s, ok := c.Transport().(server.Suspender)
	if !ok || !inMemory(c) || h.fileFirst(c) {
		return pipeline.ErrOffload
	}
	x.keepBody(c)
	if err := x.build(c); err != nil {
		return x.giveUp(err)
	}
	x.carrier = s
	s.Suspend(x)
	x.starting = true
	x.start()
	x.starting = false
	if x.stage == finished {
		return x.answer(c)
	}
	return pipeline.ErrSuspend
}

// keepBody copies the body that is passed on. It lies where the next client is read into, or is given back with a request that
// ends before its peer has taken all of it.
func (x *call) keepBody(c *pipeline.Ctx) {
	if x.h.cfg.DropBody || x.h.cfg.Body != nil {
		return
	}
	b, _ := c.Body()
	x.bodyMem = append(x.bodyMem[:0], b...)
	x.body.bytes = x.bodyMem
}

// prepare takes a call for the request, which may have had another before.
func (h *Handler) prepare(c *pipeline.Ctx, r *loop.Reactor, older *call) (*call, error) {
	up := h.cfg.Upstream
	if h.cfg.Choose != nil {
		var err error
		if up, err = h.cfg.Choose(c); err != nil {
			return nil, err
		}
	}
	x := newCall(h, c, r)
	x.up, x.unbuffered = up, h.cfg.Unbuffered
	if older != nil {
		older.refs.Add(1)
		x.older = older
	}
	c.Set(callKey{}, x)
	c.OnClose(x.onClose)
	if t, ok := c.Transport().(interface{ EndAfter(func() bool) }); ok {
		t.EndAfter(x.onBusy)
	}
	if up.group.ByClient() {
		x.pick.Client = c.Client().Addr()
	}
	x.pick.Waiter, x.pick.LearnLater = x, true
	if up.KeyOf != nil {
		x.key = up.KeyOf(c, x.key[:0])
		x.pick.Key = x.key
	}
	if up.StickyOf != nil {
		x.sticky = up.StickyOf(c, x.sticky[:0])
		x.pick.Sticky = x.sticky
	}
	if h.cfg.LimitRate != nil {
		x.rate.set(h.cfg.LimitRate(c, nil))
	}
	if err := x.bind(c); err != nil {
		return x, err
	}
	if h.cfg.SendPROXY {
		x.preface, x.own = proxyLine(c), true
	}
	return x, nil
}

// bind finds the address to connect from.
func (x *call) bind(c *pipeline.Ctx) error {
	cfg := &x.h.cfg
	x.local.Transparent = cfg.Transparent
	switch {
	case cfg.LocalValue != nil:
		text := string(cfg.LocalValue(c, nil))
		if text == "" {
			return nil
		}
		addr, err := netip.ParseAddrPort(text)
		if err != nil {
			a, err := netip.ParseAddr(text)
			if err != nil {
				x.note("error", "invalid local address \""+text+"\"")
				return nil
			}
			addr = netip.AddrPortFrom(a, 0)
		}
		x.local.Local, x.own = addr, true
	case cfg.Local.IsValid():
		x.local.Local, x.own = cfg.Local, true
	}
	return nil
}

// giveUp ends a call that was never begun.
func (x *call) giveUp(err error) error {
	x.settled = true
	x.stage = finished
	x.done.Store(true)
	x.release()
	return err
}

// wait passes the request on from a worker, which waits for the answer.
func (h *Handler) wait(x *call, c *pipeline.Ctx) error {
	x.carrier = nil
	if err := x.takeBody(c); err != nil {
		return x.giveUp(err)
	}
	if err := x.build(c); err != nil {
		return x.giveUp(err)
	}
	x.r.Post(x.onPost)
	if x.body.stream != nil {
		if err := x.startFeed(c); err != nil {
			x.stop()
			<-x.ready
			x.settled = true
			return err
		}
	}
	if !x.awaitAnswer(c) {
		x.stop()
		<-x.ready // the reactor looks at the request no more
		x.body.endFeed()
		x.settled = true
		return &pipeline.Error{Status: 499, Err: context.Cause(c.Context())}
	}
	if x.done.Load() || x.res.Upgraded { // the answer is whole, or there is none
		x.body.endFeed()
	}
	if f := x.body.stream; f != nil && f.err != nil {
		x.settled = true
		return f.err
	}
	return x.answer(c)
}

// awaitAnswer waits for the head of the answer, or that there will be none. It returns false when the client has left; one that
// closes its side while its body is read is heard of there.
func (x *call) awaitAnswer(c *pipeline.Ctx) bool {
	if fed := x.body.feeding(); fed != nil {
		select {
		case <-x.ready:
			return true
		case <-fed:
		}
	}
	gone := c.Context().Done()
	if x.h.cfg.IgnoreClientAbort || c.IsSubrequest() {
		gone = nil
	}
	select {
	case <-x.ready:
		return true
	case <-gone:
		return false
	}
}

// reactorOf returns the reactor that the connections of a request on a worker live on: that of its client, or one of our own for
// requests that did not come by a loop.
func reactorOf(c *pipeline.Ctx) *loop.Reactor {
	if s, ok := c.Main().Transport().(interface{ Reactor() *loop.Reactor }); ok {
		return s.Reactor()
	}
	return ownReactor()
}
