package proxy

import (
	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
)

// interim is an informational response: 103 is passed on if the location wants that, others end here. All of one try together are
// bounded. It returns how many bytes it took.
func (x *call) interim(head []byte) int {
	if x.hinted += len(head); x.hinted > maxInterim {
		x.invalid("upstream sent too many interim responses while reading response header from upstream")
		return 0
	}
	if x.res.Status == 103 && x.hinted <= x.h.cfg.BufferSize && x.carrier != nil && x.h.cfg.EarlyHints != nil && x.h.cfg.EarlyHints(x.c) {
		x.passHints(head)
	}
	x.res.Reset()
	return len(head)
}

// maxInterim bounds the interim responses of one try, in bytes. NGINX has no bound but of those it passes on, which is ours.
const maxInterim = 64 << 10

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
