package proxy

// Hot: every piece of a live body passes clip; no allocation, no map, no defer.

import (
	"bytes"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pool"
)

// Whole is, until the request is over, a 200 that is the whole of something, of which a client may want a part, or nothing when
// it has it already: an entry of a cache, or an answer on its way there. Its fields are on the response.
type Whole struct {
	// Kept tells that it comes from a cache; of what is on its way only one range can be sent.
	Kept bool
	// Modified is its Last-Modified, -1 for none; Size its length in bytes, -1 when it is not known.
	Modified, Size int64
	// The body is Bytes, or lies in File from Offset on, or is sent by Live as it comes.
	Bytes  []byte
	File   *pool.File
	Offset int64
	Live   Ranger
}

// Ranger answers with n bytes of a body, from an offset on.
type Ranger interface {
	SendRange(c *pipeline.Ctx, status int, from, n int64)
}

// finish200 has the location make the response of an answer whose conditions or ranges are its own to heed. done tells that it did.
func (x *call) finish200(c *pipeline.Ctx) (done bool, err error) {
	cfg, f := &x.h.cfg, &x.fill
	if cfg.Finish == nil || x.res.Status != 200 || !f.whole {
		return false, nil
	}
	h := &c.Head
	if !h.Has(http1.Range) && !h.Has(http1.IfNoneMatch) && !h.Has(http1.IfModifiedSince) && !h.Has(http1.IfMatch) && !h.Has(http1.IfUnmodifiedSince) {
		return false, nil
	}
	w := &x.entire
	*w = Whole{Modified: -1, Size: x.res.Length}
	if v, ok := x.res.First(http1.LastModified); ok {
		if t, ok := http1.ParseDate(v.Of(x.raw)); ok {
			w.Modified = t
		}
	}
	if x.out == whole && x.method != http1.MethodHead {
		w.Bytes = bytes.Clone(x.raw[x.bodyAt:])
		w.Size = int64(len(w.Bytes))
	} else {
		w.Live, w.Size = x, max(w.Size, -1)
	}
	if t := x.contentType(); t != "" {
		c.Res().ContentType = t
	}
	return true, cfg.Finish(c, w)
}

// SendRange answers with a part of the body; see Ranger.
func (x *call) SendRange(c *pipeline.Ctx, status int, from, n int64) {
	if status == 206 {
		x.clipped, x.skip, x.want = true, from, n
	}
	x.refs.Add(1) // until Drop
	c.StreamLive(status, "", n, x)
}

// clip returns what of a piece lies in the range that is sent.
func (x *call) clip(p []byte) []byte {
	k := min(int64(len(p)), x.skip)
	x.skip -= k
	p = p[k:]
	p = p[:min(int64(len(p)), x.want)]
	x.want -= int64(len(p))
	return p
}

// rangeSent ends the response of a client that has its range; the rest is for the cache alone.
func (x *call) rangeSent() {
	w := x.live
	x.leaveClient()
	w.EndLive(nil)
}
