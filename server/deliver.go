package server

// Hot: every response that somebody waits for the end of passes here; no allocation, no map, no defer.

// A request is over when its response has left: the kernel has taken the last byte, or the connection is broken (NGINX's log
// phase). Until then its exchange stays as it is, because the line of a log may ask for anything of it: captures, variables of
// the upstream, fields of the response. To render the line in advance, with holes for the numbers that come late, would be
// smaller, but wrong wherever a value or a condition depends on such a number (map $request_time, access_log if=).
//
//	answered ──owe──▶ s.x ──retire──▶ s.unsent ──settle: Conn.Sent() ≥ x.end──▶ log, release
//	                                      └────── the connection is broken ────┘
//
//	0 ≤ len(s.unsent) ≤ maxUnsent; behind an event with any in it, the connection is not read
//
// A response that goes out at once stays for the rest of its event, in the memory it has; only one that does not takes its head
// out of the read buffer. Where nobody wants to know the end (no access log, nothing to be closed), an exchange is reused at once.

// maxUnsent bounds the requests of one connection that wait for their responses to leave. It is more than the pipelined requests
// of one event usually are, since each time it is reached costs a system call.
const maxUnsent = 32

// leaveFirst is how long, in bytes, a response may be that the socket surely takes at once. A worker that sends one says so first:
// the reactors go on meanwhile, and the client's next request, on another connection, may be faster than what follows the send.
const leaveFirst = 16 << 10

// owe notes that the response is queued to its end, whole or not, and that the access log is to be told when it has left.
func (x *exchange) owe(status int, reason string) {
	x.owed, x.status, x.reason = true, status, reason
	x.end = x.conn.Enqueued()
	x.conn.EndPace()
}

// retire ends a request that is answered, as soon as its response has left, if anybody wants to know.
func (s *session) retire(x *exchange) {
	if !x.owed || !x.logs() && x.busy == nil && !x.ctx.Closes() {
		x.release()
		return
	}
	if s.unsent == nil {
		s.unsent = x
	} else {
		s.lastUnsent.next = x
	}
	s.lastUnsent = x
	s.unsents++
}

// settle ends the requests whose responses have left. Who has the connection calls it; a worker leaves to the reactor what the
// reactor may still be busy with.
func (s *session) settle() {
	if s.unsent == nil {
		return
	}
	lent := s.conn.Lent()
	for sent := s.conn.Sent(); s.unsent != nil && s.unsent.end <= sent; {
		if x := s.unsent; lent && (x.broken || x.busy != nil && x.busy()) {
			return
		}
		s.settleFirst()
	}
}

// EndAfter has the reactor end the request while busy; see Carrier.
func (x *exchange) EndAfter(busy func() bool) { x.busy = busy }

// settleFirst ends the request that waits longest.
func (s *session) settleFirst() {
	x := s.unsent
	s.unsent, x.next = x.next, nil
	s.unsents--
	x.tell()
	x.ctx.Leave()
	if x.onWorker && !s.conn.Lent() && x.ctx.Closes() {
		x.closeElsewhere()
		return
	}
	x.onWorker = s.conn.Lent()
	x.release()
}

// deliver sends what is queued, and ends the requests whose responses have left. If any has not, the connection is not read
// until Drained: as in NGINX, the next request waits for the last response. It reports whether to go on.
func (s *session) deliver() bool {
	if s.unsent == nil {
		return true
	}
	s.conn.Push()
	s.settle()
	if s.unsent == nil {
		return true
	}
	s.keepUnsent()
	if s.ending || s.phase == atSkip { // what comes is dropped
		return true
	}
	s.conn.Pause()
	return false
}

// keepUnsent moves the requests that wait out of the read buffer.
func (s *session) keepUnsent() {
	for x := s.unsent; x != nil; x = x.next {
		if x.head == nil && len(x.from) > 0 {
			x.copyHead(x.from)
		}
		x.conn.Local() // a log may ask when the socket is closed
	}
}
