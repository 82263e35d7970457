package server

import "github.com/wheelpit/wheelpit/loop"

// The body of a request that was answered without reading it is dropped while it comes, and the request behind it is answered, as
// NGINX does it (ngx_http_discard_request_body). There is no bound to its length but the time:
//
//	answered ──▶ atSkip: what comes is dropped ──the body's end──▶ next request, or the end
//	                │ the response leaves: send_timeout
//	                └ it has left: lingering_time in all, lingering_timeout until more comes ──▶ closed
//
// Nothing is kept of what is dropped, and who sends slowly has the connection for lingering_time. It is not dropped, and the
// connection ends behind the response, when nobody knows where the body ends: its framing was wrong, or its client waits for a
// 100 Continue, and may take the response for a no.

// skippable tells whether the unread body can be dropped to keep the connection.
func (x *exchange) skippable() bool { return x.continued && !x.adrift }

// skips tells whether the unread body of the answered request is dropped before anything else happens to the connection. One that
// is to be closed has its own side ended first, and lingers then, unless it is not to linger.
func (x *exchange) skips() bool {
	return x.skippable() && !x.broken && (x.keepAlive || x.policy.unread.Time == 0)
}

// skip begins to drop the unread body of an answered request.
func (s *session) skip() { s.phase = atSkip }

// skipData drops the unread body of an answered request.
func (s *session) skipData(in []byte) (n int, more bool) {
	x := s.x
	n, ok := x.take(in, nil)
	switch {
	case !ok:
		return len(in), false
	case x.left != 0:
		return n, false
	case !x.keepAlive:
		s.end(false)
		return len(in), false
	}
	s.phase = atHead
	s.keep(x.policy)
	s.retire(x)
	return n, true
}

// armSkip sets the time-out of a body that is dropped. While the response leaves, that is its time-out.
func (s *session) armSkip() {
	x := s.x
	if s.conn.Push(); s.conn.Closed() || s.conn.Queued() > 0 {
		return
	}
	now, wait := s.r.loop.Ticks(), x.policy.drop.Idle
	if !x.skipTimed {
		x.skipTimed, x.skipEnd = true, now+x.policy.drop.Time
	} else if left := int32(x.skipEnd - now); left > 0 {
		wait = min(wait, uint32(left))
	} else {
		s.conn.Abort(loop.ErrTimeout)
		return
	}
	s.conn.SetTimeout(timeBody, max(wait, 1))
}

// refuseBody ends a request whose body cannot be accepted: with an error page, unless it was answered before.
func (s *session) refuseBody(status int, reason string) {
	if s.phase == atSkip {
		s.end(true)
		return
	}
	s.refuse(status, reason)
}

// dropAside drops the unread body beside a stream that a worker writes: a client that reads nothing before it has sent everything
// would wait for ever, and so would the worker. What is left of it behind the stream is the reactor's to drop.
func (x *exchange) dropAside() {
	ended := make(chan struct{})
	x.dropping = true
	x.aside.Store(x.left)
	go func() {
		defer close(ended)
		var p [4096]byte
		for err := error(nil); err == nil && x.left != 0; {
			_, err = x.readBody(p[:])
		}
	}()
	x.join = func() {
		x.conn.ExpireRead(true)
		<-ended
		x.conn.ExpireRead(false)
		x.dropping = false
	}
}
