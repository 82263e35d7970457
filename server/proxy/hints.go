package proxy

import (
	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
)

// interim takes an informational response: 103 is passed on if the location wants that, others end here (RFC 9110 section 15.2: a
// proxy passes on what it was not asked for itself, but a client that never sent Expect waits for no 100).
func (x *call) interim(head []byte) {
	if x.res.Status == 103 && x.h.cfg.EarlyHints != nil && x.carrier != nil {
		x.hinted += len(head)
		if x.hinted <= x.h.cfg.BufferSize && x.h.cfg.EarlyHints(x.c) {
			x.passHints(head)
		}
	}
	x.res.Reset()
}

// passHints passes the fields of a 103 on, at once. A client of HTTP/1.0 knows no such response, and one without fields says nothing.
func (x *call) passHints(head []byte) {
	w, ok := x.carrier.(interface{ Conn() *loop.Conn })
	if !ok || x.c.Head.Minor == 0 {
		return
	}
	b := http1.AppendStatusLine(nil, 103)
	at, listed := len(b), x.res.Has(http1.Connection)
	for i := range x.res.Fields {
		f := &x.res.Fields[i]
		name := f.Name.Of(head)
		if !x.h.hide.has(f.ID, name) && !(listed && nominated(x.res.Fields, head, name)) {
			b = http1.AppendField(b, view(name), view(f.Value.Of(head)))
		}
	}
	if len(b) > at {
		w.Conn().Write(append(b, "\r\n"...))
	}
}
