package server

import "github.com/wheelpit/wheelpit/loop"

// PrefaceReader reads what comes on a connection before its first request, the header of a proxy for example. It returns how
// many bytes of in it took, 0 when it needs more, and what it was told, which Carrier.Preface returns; on an error the
// connection is closed. It runs on the connection's reactor and must not keep in.
type PrefaceReader func(c *loop.Conn, in []byte) (n int, told any, err error)

// preface is the state of a connection that begins with one. Connections without have none.
type preface struct {
	read   PrefaceReader // nil once it was read
	told   any
	timing bool
}

// expectPreface has a new connection begin with a preface, if its address says so.
func (s *session) expectPreface(rt *Runtime) {
	if read := rt.preface(s.conn); read != nil {
		s.preface, s.phase = &preface{read: read}, atPreface
	}
}

// prefaceData reads the preface. The time for it, as for a head, runs from its first byte.
func (s *session) prefaceData(in []byte) (n int, more bool) {
	p := s.preface
	n, told, err := p.read(s.conn, in)
	switch {
	case err != nil:
		s.conn.Abort(err)
		return len(in), false
	case n > 0:
		p.read, p.told = nil, told
		s.phase = atHead
		return n, true
	case !p.timing:
		p.timing = true
		s.conn.SetTimeout(timeHeader, s.policy.header)
	}
	return 0, false
}

// Preface returns what a proxy told before the first request, nil if it did not; see Carrier.
func (x *exchange) Preface() any {
	if p := x.s.preface; p != nil {
		return p.told
	}
	return nil
}
