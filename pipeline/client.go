package pipeline

// Hot: asked for every request by whoever counts, admits or logs clients; no allocation, no map, no defer.

import (
	"net/netip"
	"sync"
)

// Client returns the address of the client: what SetClient was told, or else the other end of the connection (NGINX:
// $remote_addr and $remote_port, while Remote is $realip_remote_addr). It is the zero value for a unix socket. A subrequest
// has the client of its main request.
func (c *Ctx) Client() netip.AddrPort {
	main := c.Main()
	if n, ok := main.Get(clientKey{}).(*clientNote); ok {
		return n.addr
	}
	return main.Remote()
}

// SetClient tells who the client is, for a hook that knows better than the connection (NGINX: the realip module). The port
// is 0 when it is not known. It holds until the response has been sent.
func (c *Ctx) SetClient(addr netip.AddrPort) {
	main := c.Main()
	n, ok := main.Get(clientKey{}).(*clientNote)
	if !ok {
		n, _ = clientNotes.Get().(*clientNote)
		if n == nil {
			n = new(clientNote)
			n.done = n.release
		}
		n.c = main
		main.Set(clientKey{}, n)
		main.OnClose(n.done)
	}
	n.addr = addr
}

// ClientSet tells whether SetClient was called.
func (c *Ctx) ClientSet() bool {
	_, ok := c.Main().Get(clientKey{}).(*clientNote)
	return ok
}

type clientKey struct{}

// clientNote keeps the address of one request. It is pooled, so that telling it costs no allocation.
type clientNote struct {
	c    *Ctx
	addr netip.AddrPort
	done func() // release, made once
}

var clientNotes sync.Pool

// release gives the note back. Who asks afterwards (App.OnFinish) is told the end of the connection.
func (n *clientNote) release() {
	n.c.Set(clientKey{}, nil)
	n.c, n.addr = nil, netip.AddrPort{}
	clientNotes.Put(n)
}
