package server

import "github.com/wheelpit/wheelpit/pipeline"

// count counts a request, be it one that is refused.
func (s *session) count() {
	s.requests++
	s.x.nth, s.x.pipelined = s.requests, s.pipelined
	s.r.requests.Store(s.r.requests.Load() + 1) // one writer
}

// pathOf returns the path of a head that is broken further on, nil when its target is none.
func (x *exchange) pathOf(in []byte) []byte {
	if h := &x.ctx.Head; h.Target.Empty() || h.Path.Empty() {
		return nil
	}
	path, status := x.cleanPath(in)
	if status != 0 {
		return nil
	}
	return path
}

// cutOff notes a request whose client does not finish it: it gets no answer, but a line in the log (NGINX: 400).
func (s *session) cutOff() {
	x := s.x
	if x.timing {
		s.count()
		s.known()
	}
	x.ctx.ClearResponse()
	x.ctx.Res().Status = 400
	x.keepAlive, x.broken = false, true
	x.owe(400, "client closed the connection")
}

// known has what came of a head be the request's, as far as it was parsed.
func (s *session) known() {
	x, in := s.x, s.conn.Input()
	if len(in) == 0 { // with the connection it is gone
		x.ctx.Head.Reset()
	}
	x.from = in
	x.ctx.Begin(x, in, x.pathOf(in))
}

// tooLarge is why a body is refused that is longer than it may be.
const tooLarge = "request body too large"

// refuse answers a request that cannot be served with an error page, and ends the connection: its framing is in doubt. A page that
// would have to be waited for is not, and who waits for it is told that the request is over.
func (s *session) refuse(status int, reason string) {
	x := s.x
	switch s.refusal(status) {
	case pipeline.Done:
	case pipeline.Suspended:
		if w := x.waiter; w != nil {
			x.waiter = nil
			w.Gone(true)
		}
		fallthrough
	default:
		pipeline.RefuseWith(&x.ctx, x, status)
	}
	s.sendRefusal(status, reason)
}

// refuseHead is refuse for a request that nobody has begun to answer: the page may come from a worker, or from elsewhere. It returns
// the bytes that were taken of in, which is all there is, or lent.
func (s *session) refuseHead(in []byte, status int, reason string) int {
	switch s.refusal(status) {
	case pipeline.Done:
	case pipeline.NeedWorker:
		s.keepRefused(in)
		return s.lend(nil, 0)
	case pipeline.Suspended:
		s.keepRefused(in)
		s.suspend(nil, 0)
		return len(in)
	default:
		pipeline.RefuseWith(&s.x.ctx, s.x, status)
	}
	s.sendRefusal(status, reason)
	return len(in)
}

// refusal makes the page: the Runner's, if it has one, as far as it goes here.
func (s *session) refusal(status int) pipeline.Outcome {
	x := s.x
	x.keepAlive = false
	if len(x.ctx.HeadBytes()) == 0 {
		x.ctx.Head.Reset() // of a head that did not come to its end; its bytes are gone
	}
	pipeline.RefuseWith(&x.ctx, x, status)
	if x.rt.refuse == nil {
		return pipeline.Done
	}
	return x.rt.refuse(&x.ctx, status)
}

// keepRefused moves a refused request out of the read buffer. Its content is none, whatever follows; what follows is not read.
func (s *session) keepRefused(in []byte) {
	x := s.x
	x.copyHead(in)
	x.ctx.SetBody(nil)
	x.left, x.bodyErr, x.adrift = -1, errBodyDropped, true
}

func (s *session) sendRefusal(status int, reason string) {
	s.x.sendResponse()
	s.x.owe(status, reason)
	s.end(true)
}
