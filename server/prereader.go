package server

// Prereader is the carrier of a request some of whose body may have come along with its head.
type Prereader interface {
	// Preread tells whether reading the body goes on at once: some of it is here, or all of it has been read. It may be called by
	// the worker that has the request. Of a chunked body less may be here than a piece of content; then reading waits all the same.
	Preread() bool
}

var _ Prereader = (*exchange)(nil)

// Preread tells whether reading the body goes on at once; see Prereader.
func (x *exchange) Preread() bool { return x.left == 0 || x.gone == nil && x.conn.Buffered() > 0 }
