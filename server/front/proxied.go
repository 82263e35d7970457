package front

import (
	"net/netip"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/proxyproto"
	"github.com/wheelpit/wheelpit/server/script"
)

// preface returns what reads the PROXY header of a connection, nil if its address is not of the kind that has one; see
// server.Config.Preface.
func (rt *Runtime) preface(c *loop.Conn) server.PrefaceReader {
	place, _ := rt.place(c)
	if a, ok := place.(*address); ok && a.proxied {
		return a.readProxied
	}
	return nil
}

// readProxied reads a PROXY header. What is wrong with it is told in NGINX's words.
func (a *address) readProxied(c *loop.Conn, in []byte) (int, any, error) {
	h, n, err := proxyproto.Parse(in)
	if err != nil {
		a.def.root.log.writeConn(c, err.Error()+" while reading PROXY protocol", a.addr)
		return 0, nil, err
	}
	if n == 0 {
		return 0, nil, nil
	}
	return n, h, nil
}

// proxied returns what the PROXY header of the connection told, nil if it had none or told nothing.
func (r *request) proxied() *proxyproto.Header {
	h, _ := r.carrier.Preface().(*proxyproto.Header)
	if h == nil || !h.Source.IsValid() {
		return nil
	}
	return h
}

// ProxyProtocol is what the PROXY header told of the connection; see script.Env.
func (r *request) ProxyProtocol() (script.ProxyProtocol, bool) {
	h := r.proxied()
	if h == nil {
		return script.ProxyProtocol{}, false
	}
	return script.ProxyProtocol{Source: h.Source, Destination: h.Destination}, true
}

// AppendTLV appends an element of that header; see script.Env.
func (r *request) AppendTLV(dst []byte, name string) ([]byte, bool) {
	h := r.proxied()
	if h == nil {
		return dst, false
	}
	value, ok, err := h.TLV(name)
	if err != nil {
		r.Log("error", err.Error())
	}
	return append(dst, value...), ok
}

// proxiedSource is the client for real_ip_header proxy_protocol.
func proxiedSource(c *pipeline.Ctx) (netip.AddrPort, bool) {
	if h := requestOf(c).proxied(); h != nil {
		return h.Source, true
	}
	return netip.AddrPort{}, false
}
