package proxy

// Hot: answers that are asked for again and again; no allocation, no map, no defer.

import (
	"bytes"
	"strings"
	"sync/atomic"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/cache"
)

// hot is what a reactor remembers of a cache: the sums of keys, and heads of responses as they were sent last. Only the reactor uses it.
type hot struct {
	keys  cache.Memo
	heads [hotHeads]readyHead
}

// hotHeads bounds the heads that are kept ready, for each upstream and reactor: some 400 bytes each.
const hotHeads = 64

// readyHead is the head of a 200 from a cache, complete but for the time. Another one takes its place when it is asked for twice without
// a third between: so more answers than places cost nothing.
type readyHead struct {
	of     *cachedHead
	next   *cachedHead // that was asked for instead
	by     *Handler
	place  any // of the configuration, see Config.Plain
	bytes  []byte
	dateAt int
	dateOf int64
}

// cachedHeads counts them.
var cachedHeads atomic.Uint32

// ifFields are the fields of a request for something else than all of an answer.
var ifFields = http1.SetOf(http1.Range, http1.IfRange, http1.IfMatch, http1.IfNoneMatch, http1.IfModifiedSince, http1.IfUnmodifiedSince)

// hotOf returns what the reactor remembers of the upstream's answers. It is for who runs on the reactor.
func (x *call) hotOf() *hot {
	s := x.up.shard(x.r)
	if s.hot == nil {
		s.hot = new(hot)
	}
	return s.hot
}

// keyOf makes the key of its text.
func (x *call) keyOf(c *pipeline.Ctx, text []byte) cache.Key {
	if c.OnWorker() {
		return cache.KeyOf(text)
	}
	return x.hotOf().keys.KeyOf(text)
}

// allPlain tells whether nothing in a stored head depends on who asks, or is said twice.
func (h *Handler) allPlain(res *http1.Response, head []byte) bool {
	if res.Status != 200 || h.date || res.Has(http1.Location) || res.Has(http1.SetCookie) {
		return false
	}
	for i := range res.Fields {
		name := res.Fields[i].Name.Of(head)
		if len(name) > 8 && strings.EqualFold(string(name[:8]), "X-Accel-") || strings.EqualFold(string(name), "Refresh") {
			return false
		}
		for _, f := range res.Fields[:i] {
			if bytes.EqualFold(f.Name.Of(head), name) {
				return false
			}
		}
	}
	return true
}

// readyFor returns the head that answers the request with the entry, or, with make, the place where the one is to be kept that is
// made now; nil when the response is made for the request alone.
func (x *call) readyFor(c *pipeline.Ctx, head *cachedHead, e *cache.Entry) (r *readyHead, make bool) {
	cfg := &x.h.cfg
	if !head.plain || cfg.Plain == nil || c.Head.Method != http1.MethodGet || c.Head.HasAny(ifFields) || !c.Transport().Plain() {
		return nil, false
	}
	place := cfg.Plain(c)
	if _, inMemory := e.Bytes(); place == nil || !inMemory || len(c.Res().Fields()) > 0 || c.Res().ContentType != "" {
		return nil, false
	}
	r = &x.hotOf().heads[head.number%hotHeads]
	if r.of == head && r.by == x.h && r.place == place {
		return r, false
	}
	if r.next == head {
		return r, true
	}
	r.next = head
	return nil, false
}

// send answers with the head and the body of the entry.
func (r *readyHead) send(c *pipeline.Ctx, e *cache.Entry) {
	if unix, date := c.Transport().Date(); unix != r.dateOf {
		r.dateOf = unix
		copy(r.bytes[r.dateAt:], date[:])
	}
	body, _ := e.Bytes()
	c.SendReady(200, r.bytes, len(r.bytes))
	c.AddPart(pipeline.Part{Bytes: body, Static: true})
}

// makeReady keeps the head of the response that was just made.
func (x *call) makeReady(c *pipeline.Ctx, r *readyHead, head *cachedHead) {
	const mark = "\r\nDate: "
	b := c.Transport().AppendHead(make([]byte, 0, 512), c)
	if at := bytes.Index(b, []byte(mark)); at >= 0 && c.Res().Status == 200 && c.Res().Stream() == nil {
		*r = readyHead{of: head, by: x.h, place: x.h.cfg.Plain(c), bytes: b, dateAt: at + len(mark)}
		r.dateOf, _ = c.Transport().Date()
	}
}
