package proxy

import (
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/server/memcached"
)

// receiveValue reads an answer of memcached.
func (x *call) receiveValue(in []byte) int {
	n := 0
	if x.stage == atHead {
		k, v := x.mem.Head(in, memcached.Key(x.head), uint64(x.h.cfg.GzipFlag))
		switch {
		case v == memcached.Partial:
			return 0
		case v.Refused():
			x.invalid(string(memcached.AppendRefusal(nil, v, in, memcached.Key(x.head))) + " while reading response header from upstream")
			return 0
		}
		n = k
		st := x.state()
		st.header = x.at.Sub(st.began)
		x.res.Status, x.res.Length = 200, x.mem.Length()
		if v == memcached.NotFound {
			x.res.Status, x.res.Length = 404, 0
			x.note("info", "key: \""+string(memcached.Key(x.head))+"\" was not found by memcached while reading response header from upstream")
		}
		if st.status = x.res.Status; x.tryNext() {
			return 0
		}
		if x.res.Status == 404 {
			x.noteEnd()
			x.letGo(n == len(in), false)
			x.fail(404, errRefused)
			return len(in)
		}
		x.left = x.res.Length
		x.beginBody()
		if x.method == http1.MethodHead { // the value is not read: a new connection costs less than a long one
			x.refs.Add(1)
			x.bodyDone(false)
			x.wakeUp()
			x.release()
			return len(in)
		}
		x.wakeUp()
	}
	for n < len(in) && x.stage == atBody {
		data, k, v := x.mem.Next(in[n:])
		n += k
		switch {
		case v == memcached.BadTrailer:
			x.note("error", memcached.InvalidTrailer+" while reading upstream")
			x.broken(errInvalid)
			return len(in)
		case v == memcached.End:
			x.bodyDone(x.mem.Clean() && n == len(in))
			return len(in)
		case len(data) > 0 && x.left != 0:
			x.left -= int64(len(data))
			x.deliver(data)
		}
	}
	return n
}
