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
	if !f.on || !f.store {
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

// keep begins to keep the answer, if it may be kept; if not, others need not wait for it any more. The request is suspended, or its
// worker waits: the reactor may look at it.
func (x *call) keep() {
	x.save()
	f := &x.fill
	if !f.on || f.asks && x.res.Status == 304 {
		return
	}
	if f.store {
		x.beginToKeep()
	}
	if f.w == nil {
		f.req.Forgo()
	}
}

// beginToKeep opens the entry, writes what has come of a whole answer, or keeps its status alone; w is nil when there is nothing more
// to write.
func (x *call) beginToKeep() {
	f := &x.fill
	c, cfg, k := x.c, &x.h.cfg, x.h.cfg.Cache
	m, ok := x.freshness(&x.res, x.raw, k)
	f.whole = !f.fresh.Forbids()
	if cfg.Intercept != nil && x.res.Status >= 300 && cfg.Intercept(c, x.res.Status) {
		if ok && !x.anySet(c, k.NoStore) {
			f.req.KeepStatus(x.res.Status, m.Valid, now())
		}
		return
	}
	if cfg.Ignore&IgnoreAccelRedirect == 0 && x.res.Has(http1.XAccelRedirect) {
		return
	}
	x.accelBuffering()
	if !ok || x.unbuffered || x.res.Upgraded || x.anySet(c, k.NoStore) {
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

// freshness tells whether, and for how long, an answer may be kept. Validators are of 200 and 206 alone.
func (x *call) freshness(res *http1.Response, raw []byte, k *Caching) (m cache.Meta, ok bool) {
	f := &x.fill
	f.fresh.Reset(now(), k.Ignore)
	m.Status, m.LastModified = res.Status, -1
	validators := m.Status == 200 || m.Status == 206
	for i := range res.Fields {
		fl := &res.Fields[i]
		value := fl.Value.Of(raw)
		f.fresh.Field(fl.Name.Of(raw), value)
		switch {
		case !validators:
		case fl.ID == http1.LastModified:
			if t, ok := http1.ParseDate(value); ok {
				m.LastModified = t
			}
		case fl.ID == http1.ETag:
			m.ETag = value
		}
	}
	return m, f.fresh.Result(&m, m.Status, k.Valid)
}

// keepFailure keeps that there was no answer, for as long as proxy_cache_valid says of the status.
func (x *call) keepFailure(status int) {
	f := &x.fill
	if !f.on || !f.store || status != 502 && status != 504 {
		return
	}
	if n := cache.ValidForStatus(x.h.cfg.Cache.Valid, status); n > 0 {
		at := now()
		f.req.KeepStatus(status, at/1000+n, at)
	}
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
	x.res.Reset() // its bytes were not taken
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
		x.confirm()
		f.status = cache.StatusRevalidated
		return true, x.respondEntry(c)
	}
	return false, nil
}

// confirm makes the entry fresh again: for as long as the 304 says, or else as the fields that are kept say once more (NGINX).
func (x *call) confirm() {
	f, k := &x.fill, x.h.cfg.Cache
	m, ok := x.freshness(&x.res, x.raw, k)
	if !f.fresh.Explicit() && !f.fresh.Forbids() {
		e := f.req.Entry()
		if head := x.headOf(e); head != nil {
			m, ok = x.freshness(&head.res, e.Head(), k)
		}
	}
	if ok {
		f.req.Refresh(m, nil)
	}
}
