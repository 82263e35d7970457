package proxy

// Hot: every byte of a body that is not whole passes here; no allocation, no map, no defer.

// deliver hands a piece of the body on. p is valid until the event is over.
func (x *call) deliver(p []byte) {
	st := x.state()
	st.received.Add(int64(len(p)))
	st.length.Add(int64(len(p)))
	x.fill.write(p)
	x.saved.write(p)
	switch x.out {
	case live:
		if x.clipped {
			p = x.clip(p)
		}
		if x.writeLive(p); x.clipped && x.want == 0 && x.out == live {
			x.rangeSent()
		}
	case piped, undecided:
		if x.pipe.push(x.r, p) && !x.held && x.link != nil {
			x.held = true
			x.link.conn.Pause()
			if !x.body.answersAside() {
				x.body.stop() // the worker that sends the rest would wait for a peer who waits for it to read
			}
		}
	}
}

// beginLive is called when the head of a live response was queued.
func (x *call) beginLive() {
	if x.stage == finished {
		x.endLive(x.err)
	}
}

// writeLive queues a piece for the client. What a slow client has not taken fills the buffers, then a file, then the
// peer waits.
func (x *call) writeLive(p []byte) {
	w := x.live
	if len(p) == 0 {
		return
	}
	if !x.unbuffered && w.Queued() >= int64(x.h.cfg.Buffers) && x.spill.write(x, p) {
		return
	}
	w.WriteLive(p)
	c := w.Conn()
	if len(p) > copyMax || w.Queued() > int64(x.h.highWater) {
		c.SendNow() // p lies in the read buffer, which is read into again before the event is over
	}
	if x.stage != atBody || x.out != live || c.Closed() {
		return
	}
	if w.Queued() > int64(x.h.highWater) && !x.spill.open(x) {
		x.waitForClient()
	}
}

// waitForClient stops reading the peer until the client has taken more.
func (x *call) waitForClient() {
	if x.link != nil && !x.held {
		x.held = true
		x.link.conn.Pause()
	}
}

// waitsForClient tells whether the peer is not read because the client is slow: then the peer is not.
func (x *call) waitsForClient() bool {
	if x.held && x.link != nil {
		x.link.conn.SetTimeout(timeRead, x.h.read)
	}
	return x.held
}

// endBody tells whoever gets the body that it has ended.
func (x *call) endBody(err error) {
	x.fill.end(err)
	x.saved.end(x, err)
	out := x.out
	x.finish()
	switch out {
	case live:
		x.endLive(err)
	case piped, undecided:
		x.pipe.close(err)
	}
}

// endLive ends a live response.
func (x *call) endLive(err error) {
	w := x.live
	x.live, x.out = nil, dropped
	if err != nil {
		x.tell(x.c)
	}
	w.EndLive(err)
}

// readOn goes on reading the peer when the pipe has room.
func (x *call) readOn() {
	if x.held && x.stage == atBody && x.link != nil {
		x.Drained()
	}
	x.release()
}

// The limits of this package that no directive changes.
const (
	// wholeMax is the longest body in bytes that is gathered with its head when it came along with it.
	wholeMax = 32 << 10
	// copyMax is the longest piece that is copied behind another one rather than sent from the read buffer.
	copyMax = 4 << 10
	// pipeMax is how much a worker may leave in its pipe, in bytes, before the peer waits.
	pipeMax = 256 << 10
)
