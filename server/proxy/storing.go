package proxy

// Hot: what is answered on its way into the cache; no allocation beyond the cache's own.

import (
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/cache"
)

// headToGet tells whether a HEAD is passed on as GET, so that its answer can be kept.
func (f *filling) headToGet() bool { return f.toGet && f.on }

// skips tells whether a field of the client is not passed on: conditions and ranges are of the client's copy, not of ours.
func (f *filling) skips(id http1.FieldID) bool {
	if !f.on {
		return false
	}
	switch id {
	case http1.IfModifiedSince, http1.IfUnmodifiedSince, http1.IfNoneMatch, http1.IfMatch, http1.Range, http1.IfRange:
		return true
	}
	return false
}

// appendFields appends the validators of a stale entry.
func (f *filling) appendFields(b []byte) []byte {
	if !f.asks {
		return b
	}
	m := f.req.Entry().Meta()
	if m.LastModified >= 0 {
		b = append(b, "If-Modified-Since: "...)
		b = append(http1.AppendDate(b, m.LastModified), "\r\n"...)
	}
	if len(m.ETag) > 0 {
		b = append(append(append(b, "If-None-Match: "...), m.ETag...), "\r\n"...)
	}
	return b
}

// keep begins to keep the answer, if it may be kept. The request is suspended, or its worker waits: the reactor may look at it.
func (x *call) keep() {
	x.save()
	f := &x.fill
	if !f.on || !f.store || f.asks && x.res.Status == 304 {
		return
	}
	c, cfg, k := x.c, &x.h.cfg, x.h.cfg.Cache
	if cfg.Ignore&IgnoreAccelRedirect == 0 && x.res.Has(http1.XAccelRedirect) {
		return
	}
	if cfg.Intercept != nil && x.res.Status >= 300 && cfg.Intercept(c, x.res.Status) {
		if m, ok := x.freshness(k); ok && !anySet(c, k.NoStore) {
			f.req.KeepStatus(x.res.Status, m.Valid, now())
		}
		return
	}
	if anySet(c, k.NoStore) {
		return
	}
	m, ok := x.freshness(k)
	if !ok {
		return
	}
	length := x.res.Length
	if length < 0 {
		length = -1
	}
	if x.out == whole {
		length = int64(len(x.raw) - x.bodyAt)
	}
	f.w = f.req.Begin(m, x.raw[:x.res.HeadLen], length)
	if f.w != nil && x.out == whole {
		f.w.Write(x.raw[x.bodyAt:])
		f.w.Commit(now())
		f.w = nil
	}
}

// freshness tells whether, and for how long, the answer may be kept.
func (x *call) freshness(k *Caching) (m cache.Meta, ok bool) {
	f := &x.fill
	f.fresh.Reset(now(), k.Ignore)
	m.Status, m.LastModified = x.res.Status, -1
	for i := range x.res.Fields {
		fl := &x.res.Fields[i]
		name, value := fl.Name.Of(x.raw), fl.Value.Of(x.raw)
		f.fresh.Field(name, value)
		switch fl.ID {
		case http1.LastModified:
			if t, ok := http1.ParseDate(value); ok {
				m.LastModified = t
			}
		case http1.ETag:
			m.ETag = value
		}
	}
	return m, f.fresh.Result(&m, m.Status, k.Valid)
}

// write keeps a piece of the body.
func (f *filling) write(p []byte) {
	if f.w != nil && !f.w.Write(p) {
		f.w.Abort()
		f.w = nil
	}
}

// end keeps the whole of it, or nothing.
func (f *filling) end(err error) {
	w := f.w
	if w == nil {
		return
	}
	f.w = nil
	if err != nil {
		w.Abort()
		return
	}
	w.Commit(now())
}

func (f *filling) abort() {
	if f.w != nil {
		f.w.Abort()
		f.w = nil
	}
}

// keepsFilling tells that the call goes on without its client, because the answer is being kept.
func (x *call) keepsFilling() bool {
	return (x.fill.w != nil || x.saved.on()) && x.stage == atBody
}

// serveStale answers with a stale entry because the upstream failed.
func (x *call) serveStale(why Condition) bool {
	f := &x.fill
	if !f.on || f.update {
		return false
	}
	e := f.req.Entry()
	if e == nil || !e.ServeStale(staleFor(why), x.h.cfg.Cache.UseStale, now()) {
		return false
	}
	f.serving, f.status = true, cache.StatusStale
	x.letGo(false, false)
	x.noteEnd()
	x.finish()
	x.wakeUp()
	return true
}

// serveInstead answers with the entry, where the upstream's answer is not what the client gets: it failed, or it confirmed the
// entry.
func (x *call) serveInstead(c *pipeline.Ctx) (done bool, err error) {
	f := &x.fill
	switch {
	case f.serving:
		return true, x.respondEntry(c)
	case f.asks && x.res.Status == 304:
		k := x.h.cfg.Cache
		e := f.req.Entry()
		m, ok := x.freshness(k)
		if !f.fresh.Explicit() {
			old := e.Meta()
			m.Valid, m.Updating, m.Error = old.Valid, old.Updating, old.Error
			if v := cache.ValidForStatus(k.Valid, old.Status); m.Valid < now()/1000 && v > 0 {
				m.Valid = now()/1000 + v
			}
			m.Date, ok = now()/1000, m.Valid >= now()/1000
		}
		if ok {
			f.req.Refresh(m, nil)
		}
		f.status = cache.StatusRevalidated
		return true, x.respondEntry(c)
	}
	return false, nil
}

// cachedHead is what is made of the head of an entry once.
type cachedHead struct{ res http1.Response }

// respondEntry answers with the entry.
func (x *call) respondEntry(c *pipeline.Ctx) error {
	f := &x.fill
	x.settled = true
	e := f.held
	if e == nil {
		e = f.req.Entry()
	}
	if x.stage == idle {
		x.stage = finished
		x.done.Store(true)
		x.release()
	}
	head, ok := e.Derived().(*cachedHead)
	if !ok {
		head = &cachedHead{res: http1.Response{CGI: x.h.cgi}}
		if head.res.Parse(e.Head(), &x.h.limits) != http1.Complete {
			return &pipeline.Error{Status: 502, Err: errInvalid}
		}
		e.SetDerived(head)
	}
	x.msg, x.msgRaw = &head.res, e.Head()
	x.passAnswer(c, false)
	f.sent = e.Len()
	status := head.res.Status
	if v, ok := head.res.First(http1.ContentType); ok {
		c.Res().ContentType = view(v.Of(x.msgRaw))
	}
	if status == 200 && x.h.cfg.ForceRanges {
		_ = c.SetHeader("Accept-Ranges", "bytes")
	}
	if status == 200 && x.h.cfg.Finish != nil {
		return x.h.cfg.Finish(c, e)
	}
	x.addEntry(c, e, status)
	c.Res().Reason = view(head.res.StatusText.Of(x.msgRaw))
	return nil
}

// addEntry makes the entry the body of the response.
func (x *call) addEntry(c *pipeline.Ctx, e *cache.Entry, status int) {
	c.SetStatus(status)
	if b, ok := e.Bytes(); ok {
		c.AddPart(pipeline.Part{Bytes: b, Static: true})
	} else {
		file, off := e.File()
		c.AddPart(pipeline.Part{File: file.Acquire(), Off: off, N: e.Len()})
	}
}

// Update fetches an answer for the cache, in the background: c is a request of the server's own, on a worker.
func (h *Handler) Update(c *pipeline.Ctx) error {
	x, err := h.prepare(c, reactorOf(c))
	if err != nil {
		return err
	}
	x.fill.update = true
	return h.proceed(x, c)
}

// AppendCacheStatus appends how the answer was come by: $upstream_cache_status.
func AppendCacheStatus(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	x := callOf(c)
	if x == nil || x.fill.status == cache.StatusNone {
		return dst, false
	}
	return append(dst, x.fill.status.String()...), true
}

// AppendCacheModified and AppendCacheETag append the validators of the entry that is revalidated: $upstream_cache_last_modified
// and $upstream_cache_etag.
func AppendCacheModified(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if x := callOf(c); x != nil && x.fill.asks {
		if t := x.fill.req.Entry().Meta().LastModified; t >= 0 {
			return http1.AppendDate(dst, t), true
		}
	}
	return dst, false
}

// AppendCacheETag is for $upstream_cache_etag.
func AppendCacheETag(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if x := callOf(c); x != nil && x.fill.asks {
		if tag := x.fill.req.Entry().Meta().ETag; len(tag) > 0 {
			return append(dst, tag...), true
		}
	}
	return dst, false
}

// rangeOffset is where the only range of the request begins, 0 when there is none.
func rangeOffset(c *pipeline.Ctx) int64 {
	v := c.HeaderBytes(http1.Range)
	if len(v) < 7 || string(v[:6]) != "bytes=" {
		return 0
	}
	var n int64
	for _, ch := range v[6:] {
		if ch < '0' || ch > '9' || n > 1<<53 {
			break
		}
		n = n*10 + int64(ch-'0')
	}
	return n
}
