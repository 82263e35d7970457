package server

import (
	"github.com/wheelpit/wheelpit/loop/http1"
)

// chunksHere decodes a chunked body that came along with its head, behind at, if all of it did: then the next request is known to
// begin behind it, whoever reads this one's body. It returns where that is, or at when the body is not all here. A body whose
// framing is wrong, or that is too long, is to be refused by a server that a configuration describes, as NGINX does it: with which
// status, and why. An application is told when it reads.
func (x *exchange) chunksHere(in []byte, at int) (end, status int, why string) {
	total := int64(0)
	x.announced = 0
	for end = at; end < len(in); {
		data, used, v := x.chunks.Next(in[end:], &x.policy.limits)
		if v.Failed() {
			if x.rt.refuse == nil {
				break
			}
			return at, v.Status(), v.String()
		}
		if total += int64(data.Len()); total+x.chunks.Pending() > x.ctx.BodyLimit() {
			if x.rt.refuse == nil {
				break
			}
			return at, 413, tooLarge
		}
		if end += used; v == http1.Complete {
			x.joinChunks(in[at:end])
			return end, 0, ""
		}
		if used == 0 {
			break
		}
	}
	x.announced = total + x.chunks.Pending()
	x.chunks.Reset()
	return at, 0, ""
}

// joinChunks moves the content of a whole chunked body to its front, which framing only ever makes room for.
func (x *exchange) joinChunks(b []byte) {
	x.chunks.Reset()
	kept := 0
	for at := 0; at < len(b); {
		data, used, v := x.chunks.Next(b[at:], &x.policy.limits)
		kept += copy(b[kept:], data.Of(b[at:]))
		if at += used; v == http1.Complete || used == 0 {
			break
		}
	}
	x.ctx.SetBody(b[:kept:kept])
	x.left, x.bodyRead = 0, int64(kept)
}
