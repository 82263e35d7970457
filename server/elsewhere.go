package server

import (
	"errors"
	"net/netip"
)

// elsewhere is what stays of the connection of a request that has left it: the functions of OnClose are called on a worker, where
// they may block, while the reactor goes on with the connection.
type elsewhere struct {
	session    session // the part of it that does not change
	peer, here netip.AddrPort
	sent       int64 // what Carrier.Left says
	whole      bool
}

// errElsewhere is for what needs a connection in a function of OnClose.
var errElsewhere = errors.New("server: the request is over, and its connection is not its own any more")

// closeElsewhere has the functions of OnClose called where the handler ran. They may ask for what they could ask for before; the
// connection is not theirs any more, so that reading, writing and deadlines end here.
func (x *exchange) closeElsewhere() {
	x.endDeadlines() // before another request has the connection
	s := x.s
	e := &elsewhere{peer: x.conn.Remote(), here: x.conn.Local()}
	e.sent, e.whole = x.Left()
	e.session.r, e.session.number, e.session.began = s.r, s.number, s.began
	e.session.placeOf, e.session.place, e.session.policy, e.session.preface = s.placeOf, s.place, s.policy, s.preface
	x.gone, x.s, x.conn = e, &e.session, nil
	x.bodyErr, x.keepAlive = errElsewhere, false
	if x.r.srv.workers.Submit(x) != nil {
		x.release()
	}
}
