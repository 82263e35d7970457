package loop

// Hot: the read side of a connection runs for every event.

import (
	"net/netip"
	"sync/atomic"

	"github.com/wheelpit/wheelpit/pool"
	"golang.org/x/sys/unix"
)

// Conn is one connection: a client's, or one to an upstream. It is owned by its reactor, on whose goroutine all methods
// must be called, except while it is lent to a worker (see Lend), who then owns input, output and socket alone.
//
// Input: what a read event brought lies in the reactor's buffer, or after an incomplete message in a pooled one:
//
//	event:  [ consumed | unread ]        0 ≤ consumed ≤ len(in)
//	idle:   in == nil, q == nil          no buffer is held
//
// Records are allocated in slabs and reused; a Conn must not be kept after Closed was called.
type Conn struct {
	r     *Reactor
	proto Protocol
	lst   *Listener
	in    []byte // unread input, pooled; nil when there is none
	q     *queue // unsent output; nil when there is none

	timerNext, timerPrev *Conn
	deadline, due        uint32 // ticks: when the time-out passes, and when the wheel looks
	timerKind            uint8
	sendKind             uint8  // of the time-out while a dialled connection is blocked
	sendTicks            uint32 // 0 for none
	inWheel              bool

	open       bool // between open and close
	heard      bool // something was read
	burst      bool // what was read last may have come in several packets, see Reactor.Late
	closed     bool // close was called
	closing    bool // close when the queue is sent
	lingers    bool // everything is sent, and what still comes is dropped
	paused     bool // the protocol does not want input
	readable   bool // the socket may hold more than was read
	peerShut   bool // the client closed its sending side
	sawEOF     bool // and the protocol was told
	blocked    bool // the socket took less than was queued; a writable edge will come
	backlog    bool // the client was slow; Drained is owed
	slow       bool // counted as such
	dirty      bool // output waits for the end of the event
	shutWrite  bool // the sending side ends when the queue is sent
	queued     bool // in the reactor's again list
	watching   bool // a hang-up is to be told while paused, see WatchHangup
	connecting bool // dialled, and not connected yet
	outEdges   bool // the poller tells of writable edges as well
	resets     bool // its end is to be seen as an error, see Reset
	unix       bool // not TCP
	fd         int32
	taken      int64 // bytes that the kernel has taken
	linger     Linger
	lingerEnd  uint32 // tick, while it lingers
	peer       peerAddr
	localAddr  netip.AddrPort // of Local, when knowsLocal is isKnown
	knowsLocal atomic.Uint32  // nobodyAsked, isAsked or isKnown
	loans      uint32         // counts Lend, for callers further up the stack
	state      atomic.Uint32  // lending, see lend.go
	lease      *lease         // while lent
	pace       *pace          // bounds the rate of the queue; nil without a bound
}

// Reactor returns the reactor that owns c. Any goroutine may call it.
func (c *Conn) Reactor() *Reactor { return c.r }

// Listener returns the listener that accepted c, or nil for a connection that was dialled.
func (c *Conn) Listener() *Listener { return c.lst }

// Remote returns the client's address, the zero value for a unix socket.
func (c *Conn) Remote() netip.AddrPort { return c.peer.addrPort() }

const (
	nobodyAsked = iota
	isAsked
	isKnown
)

// Local returns the address that the client connected to, the zero value for a unix socket. It costs one system call the first
// time. The goroutines that c is lent to may call it at the same time: parts of a request that go on beside each other do.
func (c *Conn) Local() netip.AddrPort {
	if c.knowsLocal.Load() == isKnown {
		return c.localAddr
	}
	if c.unix || !c.open {
		return netip.AddrPort{}
	}
	sa, err := unix.Getsockname(int(c.fd))
	if err != nil {
		return netip.AddrPort{}
	}
	p := peerOf(sa)
	addr := p.addrPort()
	if c.knowsLocal.CompareAndSwap(nobodyAsked, isAsked) {
		c.localAddr = addr
		c.knowsLocal.Store(isKnown)
	}
	return addr
}

// SetTimeout sets the one time-out of c to d from now, in ticks (see Ticks): after it Protocol.Timeout gets kind, which
// must not be 0. It replaces the one before.
func (c *Conn) SetTimeout(kind uint8, ticks uint32) { c.r.wheel.arm(c, kind, ticks) }

// ClearTimeout drops the time-out.
func (c *Conn) ClearTimeout() { c.r.wheel.disarm(c) }

// Pause stops the reading of c: the client is held back by TCP's own flow control.
func (c *Conn) Pause() { c.paused = true }

// Resume reads on after Pause. Unread input is handed to the protocol when the current event is over.
func (c *Conn) Resume() {
	if c.paused && !c.resets {
		c.paused = false
		if c.readable || len(c.in) > 0 { // or else the next edge tells
			c.r.again(c)
		}
	}
}

// ClientDone tells that the client has closed its sending side or the connection.
func (c *Conn) ClientDone() bool { return c.peerShut }

// HasUnread tells whether there is input that the protocol has not consumed.
func (c *Conn) HasUnread() bool { return len(c.in) > 0 }

// onEvent is what the poller saw of the socket. Output goes first: what was sent makes room for what will be read.
func (c *Conn) onEvent(ev readiness) {
	if ev&(isHangup|isError) != 0 {
		c.peerShut = true
		if c.watching && c.paused {
			if c.hungUp(ev); c.closed {
				return
			}
		}
	}
	if c.connecting {
		if c.finishConnect(ev); c.closed {
			return
		}
	}
	if ev&isWritable != 0 {
		c.blocked = false
		if c.q != nil {
			c.flush()
		}
	}
	if ev&(isReadable|isHangup|isError) != 0 && !c.closed {
		c.readable = true
		if !c.paused {
			c.read()
		}
		if ev&isError != 0 && c.paused && c.lst != nil && !c.closed && !c.lent() {
			c.fail(ErrClosed) // its client is gone, and no other event will tell
		}
	}
}

// read takes what the socket holds and hands it to the protocol, until the socket is drained, the protocol pauses, or
// this connection's share of the event is used up. A short read means drained, which spares the read that would return
// EAGAIN, unless the client has hung up: then the end of file is still to be read.
func (c *Conn) read() {
	for budget := readPerEvent; c.readable && !c.paused && !c.closed && !c.lent(); {
		if budget <= 0 {
			c.r.again(c)
			return
		}
		if budget < readPerEvent {
			c.r.late = true
		}
		buf, ok := c.inputRoom()
		if !ok {
			c.fail(ErrInputLimit)
			return
		}
		n, errno := recv(int(c.fd), buf)
		switch {
		case errno == unix.EINTR:
			continue
		case errno == unix.EAGAIN:
			c.readable = false
			return
		case errno != 0:
			c.fail(errno)
			return
		case n == 0:
			c.readable, c.peerShut = false, true
			c.end()
			return
		}
		budget -= n
		c.burst = c.burst || n > onePacket || len(c.in) > 0
		c.heard = true
		c.readable = n == len(buf) || c.peerShut
		c.input(buf, n)
	}
}

// inputRoom returns where the next bytes go: the reactor's buffer, or the room behind what is unread.
func (c *Conn) inputRoom() ([]byte, bool) {
	if len(c.in) == 0 {
		return c.r.input[:], true
	}
	if len(c.in) == cap(c.in) {
		if cap(c.in) >= inputMax {
			return nil, false
		}
		grown := append(c.r.mem.Get(2*cap(c.in)), c.in...)
		c.r.mem.Put(c.in)
		c.in = grown
	}
	return c.in[len(c.in):cap(c.in)], true
}

// input hands n fresh bytes, which lie in buf, to the protocol together with what was unread before.
func (c *Conn) input(buf []byte, n int) {
	if c.closing {
		c.drop()
		return
	}
	if len(c.in) > 0 {
		c.in = c.in[:len(c.in)+n]
		c.offer()
		return
	}
	loans := c.loans
	in := buf[:n]
	used := c.proto.Data(c, in)
	if c.loans == loans && used < n && !c.closed {
		c.in = append(c.r.mem.Get(n-used), in[used:]...)
	}
	pool.Spoil(in)
}

// offer hands the kept input to the protocol. When that lent c, the input went along, and may be somebody else's by now.
func (c *Conn) offer() {
	loans := c.loans
	used := c.proto.Data(c, c.in)
	if c.closed || c.loans != loans {
		return
	}
	if used == len(c.in) {
		c.r.mem.Put(c.in)
		c.in = nil
	} else if used > 0 {
		old := c.in
		c.in = c.in[:copy(c.in, c.in[used:])]
		pool.Spoil(old[len(c.in):])
	}
}

// end tells the protocol of the end of input, once.
func (c *Conn) end() {
	switch {
	case c.closing && c.q == nil:
		c.close(nil)
	case !c.sawEOF && !c.closing:
		c.sawEOF = true
		c.proto.EOF(c)
	}
}

// turn is the connection's turn in the again list.
func (c *Conn) turn() {
	c.queued = false
	if c.closed || c.lent() {
		return
	}
	if c.q != nil && !c.blocked {
		c.flush()
	}
	if c.closed || c.paused {
		return
	}
	if len(c.in) > 0 && !c.closing {
		c.offer()
	}
	if c.readable && !c.closed && !c.paused && !c.lent() {
		c.read()
	}
}
