package server

// Hot: what the loop tells a session beside the bytes that came.

import "github.com/wheelpit/wheelpit/loop"

// EOF ends the connection when everything that was asked for is answered; a request that was cut is dropped (RFC 9112
// section 8).
func (s *session) EOF(*loop.Conn) {
	if s.phase >= atWait {
		if !s.conn.HasUnread() { // who has asked for more wants to hear the answers (RFC 9112 section 9.6)
			s.clientGone()
		}
		return
	}
	if s.x != nil && s.phase != atSkip {
		s.cutOff()
	}
	s.end(false)
}

// Drained goes on with requests that were held back.
func (s *session) Drained(c *loop.Conn) {
	s.settle()
	if s.phase >= atWait {
		c.ClearTimeout()
		if s.x.waiter != nil {
			s.x.waiter.Drained()
		}
		return
	}
	if s.unsent != nil && s.phase != atSkip && !s.ending {
		return
	}
	c.Resume()
	if !s.ending {
		s.arm()
	}
}

// Timeout ends a connection that is too slow. The client of a half request is told so.
func (s *session) Timeout(c *loop.Conn, kind uint8) {
	switch kind {
	case timeWorker:
		s.workerTimeout(c)
	case timeRemind:
		if s.phase == atWait && s.x.waiter != nil {
			s.x.waiter.Remind()
		}
	case timeHeader, timeBody:
		if s.x != nil && c.Queued() == 0 && s.phase != atSkip {
			if kind == timeHeader {
				s.count()
				s.known()
			}
			if !s.x.policy.reset {
				s.refuse(408, "client too slow")
				return
			}
			c.Reset(loop.ErrTimeout) // which drops an answer
			return
		}
		s.timedOut()
	default:
		c.Abort(nil)
	}
}

// timedOut closes a connection that is too slow.
func (s *session) timedOut() {
	if s.policy != nil && s.policy.reset {
		s.conn.Reset(loop.ErrTimeout)
		return
	}
	s.conn.Abort(loop.ErrTimeout)
}

// Idle tells whether no request is in progress, and none needs to be waited for.
func (s *session) Idle(*loop.Conn) bool {
	now := s.r.loop.Ticks()
	waits := s.least && int32(now-s.kept) < 0 || s.requests == 0 && now-s.began < loop.Ticks(firstRequest)
	return s.x == nil && s.unsent == nil && s.phase <= atPreface && !waits
}

// Closed gives back what a request in progress holds.
func (s *session) Closed(*loop.Conn, error) {
	if x := s.x; x != nil {
		if x.timing || s.phase == atBody {
			s.cutOff()
		}
		s.x, s.phase = nil, atHead
		if x.waiter != nil {
			x.lost()
		}
		s.retire(x)
	}
	for s.unsent != nil {
		s.settleFirst()
	}
}
