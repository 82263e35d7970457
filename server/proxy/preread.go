package proxy

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
)

// openStream begins a body that is sent as the client sends it. What has come of it by now goes along with the head of the
// request; if that is all, it is a body like any other.
func (x *call) openStream(c *pipeline.Ctx) error {
	first, err := x.preread(c)
	switch {
	case errors.Is(err, io.EOF):
		x.body.bytes = first
		c.SetBody(first)
		return nil
	case err != nil:
		return err
	}
	x.body.stream = &feed{room: make(chan struct{}, 1), first: first}
	return nil
}

// preread reads what of the body is here, up to BodyBuffer, and returns io.EOF when that is all of it.
func (x *call) preread(c *pipeline.Ctx) (first []byte, err error) {
	t, ok := c.Transport().(server.Prereader)
	if !ok || !t.Preread() {
		return nil, nil
	}
	first = make([]byte, x.h.cfg.BodyBuffer)
	n := 0
	for err == nil && n < len(first) && t.Preread() {
		var k int
		k, err = c.BodyReader().Read(first[n:])
		n += k
	}
	return first[:n], err
}

// feedBody sends the body while the client sends it, until the answer is whole, or has to be read by the worker. What is left of
// the body then ends the client's connection behind the answer, since the deadline for it is over.
func (x *call) feedBody(c *pipeline.Ctx) error {
	f := x.body.stream
	if c.SetReadDeadline(time.Time{}) == nil { // there can be one
		f.reading(func() { _ = c.SetReadDeadline(time.Unix(1, 0)) })
	}
	err := x.readAndOffer(c.BodyReader())
	switch f.reading(nil); {
	case err == io.EOF:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &pipeline.Error{Status: 408, Message: "client too slow", Err: err}
	}
	return err
}

// readAndOffer is feedBody's loop. It ends with the error of the reader, nil when the body is not wanted any more.
func (x *call) readAndOffer(r io.Reader) error {
	for f := x.body.stream; ; {
		if <-f.room; !f.wanted() {
			return nil
		}
		buf := x.r.Shared().Get(32 << 10)
		n, err := r.Read(buf[:cap(buf)])
		if err != nil && err != io.EOF && !f.wanted() {
			x.r.Shared().Put(buf)
			return nil
		}
		x.refs.Add(1)
		x.r.Post(func() {
			x.offer(buf[:n], err == io.EOF)
			x.r.Shared().Put(buf)
			if err != nil && err != io.EOF {
				x.abandon()
			}
			x.release()
		})
		if err != nil {
			return err
		}
	}
}
