package proxy

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
)

// A body that is sent as the client sends it has a goroutine of its own, so that the answer comes meanwhile. Each direction waits
// for its own end alone:
//
//	client ─Read─▶ feeder ─offer─▶ link's out queue ─▶ peer        waits for room: what was offered is sent
//	client ◀─Write─ worker ◀─take─ pipe ◀─deliver─ link ◀── peer   waits for the client: the pipe is full, the peer is not read
//
//	offered and not sent ≤ a piece (32 KiB)
//
// The worker ends the feeder when the answer is over, or before it does anything else with the request.

// startFeed begins to read the client: beside the worker where the carrier knows how, or else before the answer.
func (x *call) startFeed(c *pipeline.Ctx) error {
	f := x.body.stream
	aside, ok := c.Transport().(server.ReadsAside)
	if !ok {
		f.begin(c)
		x.feedBody(c, nil, nil)
		return nil
	}
	if err := aside.ReadAside(x.body.endFeed); err != nil {
		close(f.over)
		return err
	}
	f.begin(c)
	gone := c.Context().Done()
	x.refs.Add(1)
	go func() {
		x.feedBody(c, aside, gone)
		x.release()
	}()
	return nil
}

// begin makes a wait for the client end when the body is not wanted any more. What a Ctx and its carrier make when they are first
// asked for it is made here, before there are two who ask.
func (f *feed) begin(c *pipeline.Ctx) {
	if c.SetReadDeadline(time.Time{}) == nil { // there can be one
		f.reading(func() { _ = c.SetReadDeadline(time.Unix(1, 0)) })
	}
}

// endFeed has the reading of the client end and waits for that.
func (b *content) endFeed() {
	if f := b.stream; f != nil {
		b.stop()
		<-f.over
	}
}

// feeding returns what is closed when the reading of the client is over, nil when it is, or never was.
func (b *content) feeding() <-chan struct{} {
	if b.stream == nil {
		return nil
	}
	select {
	case <-b.stream.over:
		return nil
	default:
		return b.stream.over
	}
}

// answersAside tells whether the answer comes while the body is read.
func (b *content) answersAside() bool { return b.stream != nil && b.stream.aside }

// feedBody sends the body while the client sends it, until its end, or until nobody wants more of it. What is left of the body then
// ends the client's connection behind the answer, since the deadline for it is over.
func (x *call) feedBody(c *pipeline.Ctx, aside server.ReadsAside, gone <-chan struct{}) {
	f := x.body.stream
	defer close(f.over)
	err := x.readAndOffer(c, aside, gone)
	f.reading(nil)
	switch {
	case err == io.EOF:
		return
	case err == nil:
		_ = c.SetReadDeadline(time.Unix(1, 0))
		return
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = &pipeline.Error{Status: 408, Message: "client too slow", Err: err}
	}
	x.refs.Add(1)
	x.r.Post(func() { x.cutOff(err); x.release() })
}

// readAndOffer is feedBody's loop. It ends with the error of the reader, nil when the body is not wanted any more.
func (x *call) readAndOffer(c *pipeline.Ctx, aside server.ReadsAside, gone <-chan struct{}) error {
	f, r := x.body.stream, c.BodyReader()
	for {
		if !f.waitRoom(aside, gone) {
			return pipeline.ErrClientGone
		}
		if !f.wanted() {
			return nil
		}
		buf := x.r.Shared().Get(32 << 10)
		n, err := r.Read(buf[:cap(buf)])
		if err != nil && err != io.EOF {
			x.r.Shared().Put(buf)
			if !f.wanted() {
				err = nil
			}
			return err
		}
		x.refs.Add(1)
		x.r.Post(func() {
			x.offer(buf[:n], err == io.EOF)
			x.r.Shared().Put(buf)
			x.release()
		})
		if err != nil {
			return err
		}
	}
}

// waitRoom waits until the peer has taken what was offered. It returns false when the connection of the client broke meanwhile.
func (f *feed) waitRoom(aside server.ReadsAside, gone <-chan struct{}) bool {
	select {
	case <-f.room:
		return true
	case <-gone:
	}
	if aside.Lost() {
		return false
	}
	<-f.room // the client has closed its side behind the body
	return true
}

// cutOff is the end of a body that the client did not send whole: an answer that has begun is cut, and there is none otherwise.
func (x *call) cutOff(err error) {
	switch {
	case x.stage == finished:
	case x.stage == atBody:
		x.at = x.r.Now()
		x.broken(err)
	default:
		x.body.stream.err = err
		x.abandon()
	}
}
