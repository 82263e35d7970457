package proxy

// Hot: asks the cache before every request of a location that has one; no allocation for an answer in memory, no map.

import (
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/cache"
)

// filling is what a call has to do with a cache: the answer may come from there, and the upstream's may be put there.
//
//	look ─┬─ hit, or stale and allowed ──────────────────────▶ respond from the entry
//	      ├─ another request fills it ─▶ wait ─▶ look
//	      └─ fetch ─▶ answer ─┬─ 304 to our question ─▶ refresh ─▶ respond from the entry
//	                          ├─ failed, stale allowed ──────────▶ respond from the entry
//	                          └─ cacheable ─▶ begin ─▶ write … end
type filling struct {
	on      bool // the location has a cache, and the request takes part in it
	store   bool // the answer may be kept: it is asked for as a whole
	whole   bool // and no field of it forbids that
	asks    bool // with the validators of the entry
	toGet   bool // HEAD became GET
	serving bool // the answer is the entry's
	update  bool // a request in the background: it only fetches
	waits   bool // for another request's answer
	bypass  bool // nothing was looked up
	ready   bool // the request is to be passed on
	late    bool // it has waited long enough
	looked  bool
	status  cache.Status
	req     cache.Request
	key     []byte
	w       *cache.Writer
	fresh   cache.Freshness
	sent    int64
}

// look asks the cache. done tells that the handler returns, with err.
func (x *call) look(c *pipeline.Ctx) (done bool, err error) {
	f, k := &x.fill, x.h.cfg.Cache
	if !f.looked {
		if done, err := x.beginLook(c, k); done || !f.on || f.bypass {
			return done, err
		}
	}
	if done, err = x.find(c, k); !done && f.store && k.beyond(c) {
		f.store = false
	}
	return done, err
}

// millis is the time as package cache counts it. A hit is found on the reactor, which has read the clock.
func (x *call) millis(c *pipeline.Ctx) int64 {
	if c.OnWorker() {
		return now()
	}
	return x.r.Now().UnixMilli()
}

// find looks until the entry is found, or is to be fetched.
func (x *call) find(c *pipeline.Ctx, k *Caching) (done bool, err error) {
	f := &x.fill
	for {
		at := x.millis(c)
		switch v := f.req.Lookup(at); v {
		case cache.Hit:
			f.status = cache.StatusHit
			return true, x.respondEntry(c)
		case cache.NeedsOpen:
			if !c.OnWorker() {
				return true, pipeline.ErrOffload
			}
			f.req.Open(at)
			continue
		case cache.Failed:
			f.status = cache.StatusHit
			return true, x.giveUp(&pipeline.Error{Status: f.req.FailedStatus(), Err: errRefused})
		case cache.Expired, cache.Updating:
			if done, err := x.lookStale(c, v, at); done {
				return true, err
			}
			return false, nil
		case cache.Scarce:
			f.status = cache.StatusMiss
			return false, nil
		}
		f.status = cache.StatusMiss
		f.store = !f.late
		if !k.Lock || f.late {
			return false, nil
		}
		x.carrier = nil
		if s, ok := c.Transport().(server.Suspender); ok && !c.OnWorker() {
			x.carrier = s
		}
		x.refs.Add(1) // until Wake
		if f.req.Lock(at, k.LockAge, x) {
			x.refs.Add(-1)
			return false, nil
		}
		if done, err := x.waitLock(c, k); done {
			return true, err
		}
	}
}

// beginLook decides whether the request has to do with the cache, and takes its key.
func (x *call) beginLook(c *pipeline.Ctx, k *Caching) (done bool, err error) {
	f := &x.fill
	f.looked = true
	zone := k.Zone
	if k.ZoneOf != nil {
		if zone, err = k.ZoneOf(c); err != nil {
			return true, x.giveUp(err)
		}
	}
	if zone == nil || !k.takes(c) {
		return false, nil
	}
	f.key = k.Key(c, f.key[:0])
	if len(k.Purge) > 0 && x.anySet(c, k.Purge) {
		if !c.OnWorker() {
			f.looked = false
			return true, pipeline.ErrOffload
		}
		n := zone.Purge(string(f.key))
		x.giveUp(nil)
		if n == 0 {
			return true, &pipeline.Error{Status: 404}
		}
		return true, c.NoContent(204)
	}
	f.on = true
	f.toGet = c.Head.Method == http1.MethodHead && !k.KeepHead
	f.req.Reset(zone, x.keyOf(c, f.key), x, max(k.MinUses, 1))
	if x.anySet(c, k.Bypass) {
		f.status, f.store, f.bypass = cache.StatusBypass, true, true
	}
	return false, nil
}

// takes tells whether answers to the method are kept.
func (k *Caching) takes(c *pipeline.Ctx) bool {
	switch c.Head.Method {
	case http1.MethodGet, http1.MethodHead:
		return true
	}
	return k.Methods != nil && k.Methods(c)
}

// lookStale decides what to do with a stale entry.
func (x *call) lookStale(c *pipeline.Ctx, v cache.Verdict, at int64) (done bool, err error) {
	f, k := &x.fill, x.h.cfg.Cache
	switch f.req.Entry().Decide(v, k.UseStale, k.Update != nil, at) {
	case cache.ServeStale:
		f.status = cache.StatusUpdating
		return true, x.respondEntry(c)
	case cache.ServeAndUpdate:
		f.status = cache.StatusStale
		return true, x.serveAndUpdate(c)
	}
	f.store, f.status = true, cache.StatusExpired
	f.asks = k.Revalidate && validates(f.req.Entry().Meta())
	return false, nil
}

// validates tells whether there is something to ask with whether an entry is still good.
func validates(m *cache.Meta) bool { return m.LastModified >= 0 || len(m.ETag) > 0 }

// waitLock waits until another request has filled the entry, or for too long.
func (x *call) waitLock(c *pipeline.Ctx, k *Caching) (done bool, err error) {
	f := &x.fill
	f.waits = true
	if s := x.carrier; s != nil {
		s.Suspend(x)
		s.Remind(uint32(max(k.LockTimeout/100, 1)))
		return true, pipeline.ErrSuspend
	}
	t := time.NewTimer(time.Duration(k.LockTimeout) * time.Millisecond)
	defer t.Stop()
	select {
	case <-x.ready:
	case <-t.C:
		x.giveUpWaiting()
	case <-c.Context().Done():
		x.giveUpWaiting()
		return true, x.giveUp(&pipeline.Error{Status: 499})
	}
	f.waits = false
	return false, nil
}

// giveUpWaiting is stopWaiting on a worker, which sees to it that no late Wake is taken for an answer.
func (x *call) giveUpWaiting() {
	x.fill.late = true
	if x.fill.req.CancelWait() {
		x.release()
		return
	}
	<-x.ready
}

// stopWaiting ends the waiting for a lock.
func (x *call) stopWaiting() {
	f := &x.fill
	f.late = true
	if f.req.CancelWait() {
		x.release() // Wake will not be called
	}
}

// Wake tells that the entry is filled, or may be filled by this request; see cache.Waker. Any goroutine may call it.
func (x *call) Wake() {
	if x.carrier == nil {
		select {
		case x.ready <- struct{}{}:
		default:
		}
		x.release()
		return
	}
	x.r.Post(x.onWake)
}

// woken goes on with a request that has waited for a lock.
func (x *call) woken() {
	if x.fill.waits && x.carrier != nil {
		x.fill.waits = false
		x.carrier.Resume()
	}
	x.release()
}

// Remind is called when a suspended request has waited for as long as it wanted; see server.Waiter.
func (x *call) Remind() {
	if x.fill.waits {
		x.stopWaiting()
		x.fill.waits = false
		x.carrier.Resume()
	}
}

// Values appends the values of a request field, for Vary; see cache.Fields.
func (x *call) Values(dst [][]byte, name []byte) [][]byte {
	head := x.c.HeadBytes()
	for i := range x.c.Head.Fields {
		f := &x.c.Head.Fields[i]
		if n := f.Name.Of(head); len(n) == len(name) && sameFold(n, name) {
			dst = append(dst, f.Value.Of(head))
		}
	}
	return dst
}

// reset gives everything back.
func (f *filling) reset() {
	if !f.looked {
		return
	}
	if z := f.req.Zone(); z != nil && f.status != cache.StatusNone && !f.update {
		z.Account(f.status, f.sent)
	}
	f.req.Release()
	key, req := f.key, f.req
	*f = filling{key: kept(key), req: req}
}
