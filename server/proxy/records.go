package proxy

// Hot: reads every answer of FastCGI; no allocation unless it complains, no map, no defer.

import (
	"bytes"
	"fmt"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/server/fastcgi"
)

// receiveRecords takes the records of FastCGI apart. A head may be cut by records anywhere, so it is gathered first.
func (x *call) receiveRecords(all []byte) int {
	in, n, from := x.piece(all), 0, x.link
	for n < len(in) && x.link == from && (x.stage == atHead || x.stage == atBody) {
		data, k, e := x.fcgi.Next(in[n:])
		n += k
		switch {
		case e.Refused():
			x.refuseRecord(string(x.fcgi.AppendRefusal(nil)))
		case e == fastcgi.Stdout:
			x.stdout(data)
		case e == fastcgi.Stderr:
			x.stderr(data)
		case e == fastcgi.StdoutEnd && !x.h.keepsConn:
			x.link.linger = n == len(all) // the application has still to say that it has ended
			x.recordsEnd(false)
		case e == fastcgi.End:
			x.recordsEnd(n == len(all))
		case e == fastcgi.Extra:
			x.recordsEnd(false)
		}
	}
	if x.link == from { // another peer was not asked
		x.pace(n, len(all)-len(in))
	}
	return n
}

// refuseRecord ends an answer that is not FastCGI.
func (x *call) refuseRecord(text string) {
	if x.stage == atHead {
		x.invalid(text + " while reading response header from upstream")
		return
	}
	x.note("error", text+" while reading upstream")
	x.broken(errInvalid)
}

// stdout is a piece of head or body.
func (x *call) stdout(p []byte) {
	if x.stage == atBody {
		x.recordBody(p)
		return
	}
	x.raw = append(x.raw, p...)
	switch v := x.res.Parse(x.raw, &x.h.limits); {
	case v == http1.Partial:
		return
	case v == http1.HeadTooLarge:
		x.invalid("upstream sent too big header while reading response header from upstream")
		return
	case v != http1.Complete:
		x.invalid(fmt.Sprintf("upstream sent invalid header (%s) while reading response header from upstream", v))
		return
	}
	if x.res.Upgraded { // what would follow are records still, and the client's bytes would be taken for such
		x.invalid("upstream sent 101 while reading response header from upstream")
		return
	}
	head := int(x.res.HeadLen)
	st := x.state()
	st.status, st.header = x.res.Status, x.at.Sub(st.began)
	st.received.Store(int64(head))
	if x.tryNext() {
		return
	}
	x.left = x.res.Length
	if x.method == http1.MethodHead && !x.fill.headToGet() {
		x.left = 0
	}
	body := x.raw[head:]
	rest := bytes.Clone(body) // the call may be given back while the request goes on
	x.raw = x.raw[:head]
	x.beginBody()
	x.keep()
	x.wakeUp()
	if x.stage == atBody && len(rest) > 0 {
		x.recordBody(rest)
	}
}

// recordBody hands on what belongs to the body.
func (x *call) recordBody(p []byte) {
	switch {
	case x.left == http1.UntilClose:
	case x.left == 0:
		return // behind the announced length, or the body of a HEAD
	default:
		p = p[:min(int64(len(p)), x.left)]
		x.left -= int64(len(p))
	}
	x.deliver(p)
}

// recordsEnd is the end of the answer; clean tells that the connection may be used again.
func (x *call) recordsEnd(clean bool) {
	switch {
	case x.stage == atHead:
		x.invalid("upstream prematurely closed FastCGI stdout while reading response header from upstream")
	case x.left > 0:
		x.note("error", "upstream prematurely closed FastCGI stdout while reading upstream")
		x.broken(errClosed)
	default:
		x.bodyDone(clean)
	}
}

// stderr is what the application complains of.
func (x *call) stderr(p []byte) {
	text := string(bytes.TrimRight(p, "\r\n\x00"))
	x.note("error", fmt.Sprintf("FastCGI sent in stderr: %q while reading response header from upstream", text))
	if x.stage != atHead {
		return
	}
	for _, word := range x.h.cfg.CatchStderr {
		if bytes.Contains(p, []byte(word)) {
			x.invalid("FastCGI stderr matches fastcgi_catch_stderr")
			return
		}
	}
}
