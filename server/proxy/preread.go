package proxy

import (
	"errors"
	"io"

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
	_, aside := c.Transport().(server.ReadsAside)
	x.body.stream = &feed{room: make(chan struct{}, 1), over: make(chan struct{}), first: first, aside: aside}
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
