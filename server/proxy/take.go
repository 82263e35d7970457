package proxy

import (
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
)

// takeBody reads the body of the request on a worker: into memory, beyond BodyBuffer into a file; or not at all, when it is
// sent as it comes.
func (x *call) takeBody(c *pipeline.Ctx) error {
	cfg := &x.h.cfg
	switch {
	case cfg.DropBody || cfg.Body != nil || c.Head.Length == 0:
		return nil
	case x.inherit():
		return nil
	case inMemory(c):
		x.keepBody(c)
		if x.h.fileFirst(c) {
			return x.gatherFile(c, x.body.bytes, nil)
		}
		return nil
	case cfg.StreamRequest && !cfg.HTTP10 && (cfg.Protocol == HTTP || c.Head.Length > 0 || cfg.Protocol == FastCGI):
		return x.openStream(c)
	}
	return x.gather(c)
}

// inMemory tells whether the whole body, if there is one, is here.
func inMemory(c *pipeline.Ctx) bool {
	_, ok := c.BodyInMemory()
	return ok || c.Head.Length == 0
}

// own is a loop for requests that did not come by one: those in the background, of tests, and of net/http.
var own struct {
	once sync.Once
	r    atomic.Pointer[loop.Reactor]
}

func ownReactor() *loop.Reactor {
	own.once.Do(func() {
		l, err := loop.New(loop.Config{Reactors: 1})
		if err == nil {
			err = l.Start()
		}
		if err != nil {
			panic("proxy: " + err.Error())
		}
		own.r.Store(l.Reactors()[0])
	})
	return own.r.Load()
}

// proxyLine is the header of the PROXY protocol, version 1.
func proxyLine(c *pipeline.Ctx) []byte {
	from, to := c.Client(), c.Local()
	if !from.IsValid() || !to.IsValid() {
		return []byte("PROXY UNKNOWN\r\n")
	}
	family := "TCP4"
	if from.Addr().Is6() && !from.Addr().Is4In6() {
		family = "TCP6"
	}
	addr := func(a netip.AddrPort) string { return a.Addr().Unmap().String() }
	return []byte("PROXY " + family + " " + addr(from) + " " + addr(to) + " " +
		strconv.Itoa(int(from.Port())) + " " + strconv.Itoa(int(to.Port())) + "\r\n")
}
