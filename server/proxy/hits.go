package proxy

// Hot: answers from entries of a cache; no allocation for one in memory, no map, no defer.

import (
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/cache"
)

// cachedHead is what is made of the head of an entry once.
type cachedHead struct {
	res    http1.Response
	number uint32 // serial
	plain  bool   // see allPlain
}

// headOf returns the parsed head of an entry, nil when it is none.
func (x *call) headOf(e *cache.Entry) *cachedHead {
	if head, ok := e.Derived().(*cachedHead); ok {
		return head
	}
	head := &cachedHead{res: http1.Response{CGI: x.h.cgi}}
	if head.res.Parse(e.Head(), &x.h.limits) != http1.Complete {
		return nil
	}
	head.number, head.plain = cachedHeads.Add(1), x.h.allPlain(&head.res, e.Head())
	e.SetDerived(head)
	return head
}

// respondEntry answers with the entry.
func (x *call) respondEntry(c *pipeline.Ctx) error {
	f := &x.fill
	x.settled = true
	e := f.req.Entry()
	if x.stage == idle {
		x.stage = finished
		x.done.Store(true)
		x.release()
	}
	head := x.headOf(e)
	if head == nil || head.res.Length > e.Len() && x.method != http1.MethodHead { // see absent
		return &pipeline.Error{Status: 502, Err: errInvalid}
	}
	x.msg, x.msgRaw = &head.res, e.Head()
	ready, make := x.readyFor(c, head, e)
	if ready != nil && !make {
		f.sent = e.Len()
		ready.send(c, e)
		return nil
	}
	err := x.respondStored(c, head, e)
	if make && err == nil {
		x.makeReady(c, ready, head)
	}
	return err
}

// respondStored answers with the entry, field by field.
func (x *call) respondStored(c *pipeline.Ctx, head *cachedHead, e *cache.Entry) error {
	f := &x.fill
	x.accel(c)
	x.passAnswer(c, false)
	f.sent = e.Len()
	status := head.res.Status
	if t := x.contentType(); t != "" {
		c.Res().ContentType = t
	}
	if status == 200 && x.h.cfg.ForceRanges {
		_ = c.SetHeader("Accept-Ranges", "bytes")
	}
	if status == 200 && x.h.cfg.Finish != nil {
		w := &x.entire
		*w = Whole{Kept: true, Modified: e.Meta().LastModified, Size: e.Len()}
		var inMem bool
		if w.Bytes, inMem = e.Bytes(); !inMem {
			w.File, w.Offset = e.File()
		}
		if head.res.Length > e.Len() {
			w.Size, w.Live = head.res.Length, absent{}
		}
		err := x.h.cfg.Finish(c, w)
		if e, ok := err.(*pipeline.Error); ok && e.Status == 412 { // its page is not the upstream's
			c.ClearResponse()
		} else if c.Res().Status == status {
			c.Res().Reason = view(head.res.StatusText.Of(x.msgRaw))
		}
		return err
	}
	if head.res.Length > e.Len() {
		absent{}.SendRange(c, status, 0, head.res.Length)
		c.Res().Reason = view(head.res.StatusText.Of(x.msgRaw))
		return nil
	}
	c.SetStatus(status)
	c.Res().Reason = view(head.res.StatusText.Of(x.msgRaw))
	if b, ok := e.Bytes(); ok {
		c.AddPart(pipeline.Part{Bytes: b, Static: true})
		return nil
	}
	file, off := e.File()
	c.AddPart(pipeline.Part{File: file.Acquire(), Off: off, N: e.Len()})
	return nil
}

// absent is the body of an answer to HEAD that was kept as it came (proxy_cache_convert_head off): it has a length alone. A GET that
// proxy_cache_key does not tell from HEAD is answered 502, where NGINX's answer breaks off behind its head.
type absent struct{}

// SendRange answers with the length; see Ranger.
func (absent) SendRange(c *pipeline.Ctx, status int, _, n int64) {
	_ = c.Stream(status, c.Res().ContentType, n, func(*pipeline.Stream) error { return nil })
}
