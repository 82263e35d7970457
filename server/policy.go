package server

import (
	"strconv"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Settings say how a request and its connection are treated, apart from what answers it.
type Settings struct {
	// HTTP bounds the head, MaxBody the body in bytes, MaxRequests the requests of one connection.
	HTTP        http1.Limits
	MaxBody     int64
	MaxRequests int
	// HeaderTimeout, BodyTimeout, KeepAlive and SendTimeout bound the phases of a connection. KeepAlive of 0 or less closes
	// the connection after the response.
	HeaderTimeout, BodyTimeout, KeepAlive, SendTimeout time.Duration
	// KeepAliveLeast is how long behind a response a shutdown leaves the connection open, for a request that is on its way; it is
	// longer than the half second that every idle connection has, or changes nothing (NGINX keepalive_min_timeout).
	KeepAliveLeast time.Duration
	// KeepAliveHint is what the client is told of KeepAlive, in seconds (Keep-Alive: timeout=N); 0 says nothing.
	KeepAliveHint int64
	// ServerName is the value of the Server field; "-" sends none.
	ServerName string
	// KeepAliveTime bounds the whole time of a connection: behind it, the response to a request is its last one; 0 for no
	// bound.
	KeepAliveTime time.Duration
	// KeepSlashes leaves runs of "/" in the path (NGINX merge_slashes off).
	KeepSlashes bool
	// NoChunks has a streamed response of unknown length end with its connection (NGINX chunked_transfer_encoding off).
	NoChunks bool
	// NoBareHead has nothing sent of a streamed response that fails before the first byte of its body, as NGINX does, which sends a
	// head with what follows it. Otherwise its head is sent.
	NoBareHead bool
	// Lingering says when a connection that is closed reads and drops what its client still sends, LingerTime and LingerTimeout
	// for how long at most, in all and until more comes; 0 is NGINX's default, less than 0 not at all. The two times hold for the unread
	// body of a request that was answered as well, whatever becomes of its connection.
	Lingering                 Lingering
	LingerTime, LingerTimeout time.Duration
	// ResetTimedOut ends a connection whose request times out, or is to have no answer, with a reset (NGINX
	// reset_timedout_connection).
	ResetTimedOut bool
	// Hooked tells that something changes responses, so that ready-made ones may not be sent as they are.
	Hooked bool
	// Quiet tells that the access log has nothing to note of such requests: Config.AccessLog may not be called for them, unless the
	// server itself has refused them.
	Quiet bool
}

// Lingering says which connections linger (NGINX lingering_close).
type Lingering uint8

const (
	// LingerUnread are those whose client may still be sending (on).
	LingerUnread Lingering = iota
	LingerNever
	LingerAlways
)

// Policy is the compiled form of Settings: immutable, shared by all requests it holds for.
type Policy struct {
	limits                        http1.Limits
	maxBody                       int64
	maxRequests                   uint32
	header, body, keepAlive, send uint32 // ticks
	lifetime                      uint32 // ticks; 0 for no bound
	keepLeast                     uint32 // ticks
	serverLine                    string // "Server: x\r\nDate: ", or only "Date: "
	keepLine                      string // "Connection: keep-alive\r\n", and the hint
	keepSlashes, noChunks         bool
	noBareHead                    bool
	read, unread                  loop.Linger // when the request was read to its end, and when not
	drop                          loop.Linger // the unread body of a request that was answered
	reset                         bool        // what timed out is reset
	plain                         bool        // ready-made responses may be sent as they are
	quiet                         bool        // the access log is not told
}

// Compile makes the Policy.
func (s Settings) Compile() *Policy {
	p := &Policy{
		limits: s.HTTP, maxBody: s.MaxBody, maxRequests: uint32(s.MaxRequests),
		header: loop.Ticks(s.HeaderTimeout), body: loop.Ticks(s.BodyTimeout),
		keepAlive: loop.Ticks(s.KeepAlive), send: loop.Ticks(s.SendTimeout),
		lifetime: loop.Ticks(s.KeepAliveTime), serverLine: "Date: ", keepLine: "Connection: keep-alive\r\n", keepSlashes: s.KeepSlashes, noChunks: s.NoChunks, noBareHead: s.NoBareHead, plain: !s.Hooked,
	}
	p.reset, p.keepLeast, p.quiet = s.ResetTimedOut, loop.Ticks(s.KeepAliveLeast), s.Quiet
	l := s.linger()
	p.drop = l
	if s.Lingering != LingerNever {
		p.unread = l
	}
	if s.Lingering == LingerAlways {
		p.read = l
	}
	if s.ServerName != "-" {
		p.serverLine = "Server: " + s.ServerName + "\r\nDate: "
	}
	if s.KeepAliveHint > 0 {
		p.keepLine += "Keep-Alive: timeout=" + strconv.FormatInt(s.KeepAliveHint, 10) + "\r\n"
	}
	return p
}

// Loud takes Settings.Quiet back, before any request is treated by p.
func (p *Policy) Loud() { p.quiet = false }

// linger is how long a connection lingers that does.
func (s *Settings) linger() loop.Linger {
	l := loop.DefaultLinger
	if s.LingerTime != 0 {
		l.Time = loop.Ticks(max(s.LingerTime, 0))
	}
	if s.LingerTimeout != 0 {
		l.Idle = loop.Ticks(max(s.LingerTimeout, 0))
	}
	return l
}

// lingers returns how long a connection lingers behind a request of which something is unread, or nothing.
func (p *Policy) lingers(unread bool) loop.Linger {
	if unread {
		return p.unread
	}
	return p.read
}

// keeps tells whether the connection may stay open behind a request of it.
func (p *Policy) keeps(x *exchange) bool {
	return x.nth < p.maxRequests && p.keepAlive > 0 && (p.lifetime == 0 || x.r.loop.Ticks()-x.s.began < p.lifetime)
}

// attend is how often a connection that is with a worker is looked after.
func (p *Policy) attend() uint32 { return max(min(p.keepAlive, p.send, p.body), 1) }

// Carrier is what the Transport of a request on a Server is besides, for the Runner of that server.
type Carrier interface {
	pipeline.Transport
	// Place returns what Config.Place found.
	Place() any
	// Treat has the rest of the request treated by p.
	Treat(p *Policy)
	// Slot returns a variable of the Runner's own. It is reset when the request ends, and kept for the next that uses the
	// same memory.
	Slot() *Resetter
	// KeepAlive tells whether the connection stays open behind the response; Requests how many it had, this one included.
	KeepAlive() bool
	Requests() int
	// Sent returns how many bytes of the response body were queued, SentHead those of its head.
	Sent() int64
	SentHead() int64
	// Left returns how many bytes of the response the kernel has taken, head and framing included, and whether that is all of it.
	// What is left is known in the access log: it is told when there is nothing left, or the connection is broken.
	Left() (n int64, whole bool)
	// Unread is how many bytes of a body of known length are still to be read.
	Unread() int64
	// Announced is how long the body is at least, by what came along with the head: its length, or what its chunks hold with the
	// size of the last that has begun.
	Announced() int64
	// EndAfter says that the reactor may change what the access log shows of the request for as long as busy returns true, which
	// any goroutine may ask. A request that was on a worker is then ended on the reactor, where nothing changes meanwhile.
	EndAfter(busy func() bool)
	// Began is when the first byte of the request was read; it is known when there is an access log. Connected is when the
	// connection was accepted, to a tick.
	Began() time.Time
	Connected() time.Time
	// Number is a serial number of the connection, Pipelined tells whether the request came in one piece with the one
	// before. Stats sums up the counters of all reactors.
	Number() uint64
	Pipelined() bool
	Stats() Stats
	// Preface returns what Config.Preface was told of the connection, nil if there was nothing.
	Preface() any
	// States sums up what the connections of all reactors do.
	States() States
	// TCPInfo asks the kernel for the counters of the connection; ok is false where it has none.
	TCPInfo() (info loop.TCPInfo, ok bool)
	// Continue sends 100 Continue to a client that asked for it, unless it was sent or the response has begun.
	Continue()
	// Pace has the response leave at rate bytes a second behind its first after bytes. It is called once, before the
	// response is sent.
	Pace(rate, after int64)
}

// Stats are the counters of a server since its start.
type Stats struct {
	// Opened and Closed are connections; those over the limit are in neither.
	Opened, Closed, Requests uint64
}

// Resetter is what a Runner keeps for a request.
type Resetter interface{ Reset() }

var _ Carrier = (*exchange)(nil)

// Place returns what Config.Place found; see Carrier.
func (x *exchange) Place() any { return x.s.place }

// Treat has the rest of the request treated by p; see Carrier.
func (x *exchange) Treat(p *Policy) { x.policy = p }

// Slot returns a variable of the Runner's own; see Carrier.
func (x *exchange) Slot() *Resetter { return &x.local }

// KeepAlive tells whether the connection stays open; see Carrier.
func (x *exchange) KeepAlive() bool { return x.keepAlive && x.policy.keeps(x) }

// Requests returns the number of requests of the connection; see Carrier.
func (x *exchange) Requests() int { return int(x.nth) }

// Sent returns the bytes of the body that were queued; see Carrier.
func (x *exchange) Sent() int64 { return x.sent }

// SentHead returns the bytes of the head that were queued; see Carrier.
func (x *exchange) SentHead() int64 { return x.sentHead }

// Unread is what is left of a body of known length; see Carrier.
func (x *exchange) Unread() int64 {
	if x.join != nil { // left is the reader's
		return max(x.aside.Load(), 0)
	}
	return max(x.left, 0)
}

// Announced returns how long the body is at least; see Carrier.
func (x *exchange) Announced() int64 {
	if n := x.ctx.Head.Length; n >= 0 {
		return n
	}
	return x.announced
}

// Began returns when the request began; see Carrier.
func (x *exchange) Began() time.Time { return x.began }

// Connected returns when the connection was accepted; see Carrier.
func (x *exchange) Connected() time.Time {
	return time.Now().Add(-time.Duration(x.r.loop.Ticks()-x.s.began) * loop.Tick)
}

// Number returns the serial number of the connection; see Carrier.
func (x *exchange) Number() uint64 { return x.s.number }

// Pipelined tells whether the request came with the one before; see Carrier.
func (x *exchange) Pipelined() bool { return x.pipelined }

// TCPInfo asks the kernel for the counters of the connection; see Carrier.
func (x *exchange) TCPInfo() (info loop.TCPInfo, ok bool) {
	if x.gone != nil {
		return info, false
	}
	return x.conn.TCPInfo()
}

// Stats sums up the counters of all reactors; see Carrier.
func (x *exchange) Stats() Stats { return x.r.srv.Stats() }

// Stats sums up the counters of all reactors. Any goroutine may call it.
func (s *Server) Stats() (sum Stats) {
	for _, r := range s.loop.Reactors() {
		sum.Opened += r.Stats().Opened.Load()
		sum.Closed += r.Stats().Closed.Load()
		if local, ok := r.Local.(*reactor); ok {
			sum.Requests += local.requests.Load()
		}
	}
	return sum
}
