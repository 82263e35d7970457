package pipeline

import "errors"

// ErrSuspend is returned by an inline handler that waits for something on its reactor: it has told the carrier of the
// request (an interface of the server's) who will resume it, and is called again then. What it has answered so far, and
// the fields it has added, are forgotten, as with ErrOffload.
var ErrSuspend = errors.New("pipeline: the request is suspended")

// LiveBody is a streamed body whose bytes come by themselves, as events of the reactor: that of an upstream. It is used in one
// of two ways, and not at all when Drop is called first.
type LiveBody interface {
	// Attach gives the reactor's side: the head of the response is queued, and bytes may be written to w from now on, those
	// that are here at once. It is called on the reactor.
	Attach(w LiveWriter)
	// Pipe returns the function that writes the body as any stream is written, on a worker.
	Pipe() func(s *Stream) error
	// Drop is the last call, by whoever has the Ctx then, when the response is over or is replaced: nobody wants the body, or
	// what is left of it.
	Drop()
}

// LiveWriter is where a LiveBody is written to by its reactor. Nothing waits: see Queued.
type LiveWriter interface {
	// WriteLive queues p, which must stay as it is until the event is over.
	WriteLive(p []byte)
	// EndLive ends the response. An error means that it is not whole: the client is made to see that.
	EndLive(err error)
	// Queued is the number of bytes that the client has not taken. Who has queued much is told by the Waiter when it fell.
	Queued() int64
}

// StreamLive answers with a body that comes by itself; see Stream. Where nothing stands between it and the client it
// never leaves the reactor; where a filter does, or the request is on a worker, it is a stream like others.
func (c *Ctx) StreamLive(status int, contentType string, length int64, body LiveBody) {
	c.body0(status, contentType)
	c.res.live, c.res.length = body, length
	c.res.stream = body.Pipe()
}

// SetStreamLength says how long a streamed body is, in bytes, -1 when it is not known.
func (c *Ctx) SetStreamLength(n int64) {
	if c.res.stream != nil {
		c.res.length = n
	}
}

// DropLive tells the LiveBody, if there is one, that nobody wants it.
func (r *Response) DropLive() {
	if r.live != nil {
		r.live.Drop()
		r.live, r.changed, r.stream = nil, false, nil
	}
}

// Live returns the LiveBody of the response when nothing changes it on its way, or else nil.
func (r *Response) Live() LiveBody {
	if r.changed {
		return nil
	}
	return r.live
}
