package server

import (
	"github.com/wheelpit/wheelpit/pipeline"
)

// ReadsAside is the carrier of a request whose body can be read by one goroutine while its worker answers. Only the worker may
// call it.
//
//	worker ─ReadAside─▶ answers ──────────────────▶ join ─▶ what is left of the body: dropped, with the connection
//	            └─▶ reader: Ctx.BodyReader ─ends─────┘
type ReadsAside interface {
	// ReadAside is called before the other goroutine begins, which is the only one to read the body until join has returned. A
	// client that waits for 100 Continue gets it now. join ends the reading and waits for its end; it is called when the response
	// is over, whatever became of it, and may be called by whoever asked as well. It returns pipeline.ErrClientGone when the
	// client has left.
	ReadAside(join func()) error
	// Lost tells whether the connection is broken; it is not when the client has closed its side alone. The reader may call it.
	Lost() bool
}

var _ ReadsAside = (*exchange)(nil)

// ReadAside prepares for a reader beside the worker; see ReadsAside.
func (x *exchange) ReadAside(join func()) error {
	if x.gone != nil {
		return errElsewhere
	}
	if !x.continued {
		x.continued = true
		if err := x.sendContinue(); err != nil {
			return err
		}
	}
	if x.conn.Send() != nil { // what was queued for the client to go on
		return pipeline.ErrClientGone
	}
	x.duplex, x.join = true, join
	x.aside.Store(x.left)
	return nil
}

// Lost tells whether the connection is broken; see ReadsAside.
func (x *exchange) Lost() bool { return x.gone != nil || x.conn.Gone() }

// joinReader waits for who reads the body: from here on it is the worker's again.
func (x *exchange) joinReader() {
	if join := x.join; join != nil {
		x.join = nil
		join()
	}
}
