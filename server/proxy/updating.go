package proxy

import (
	"bytes"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/cache"
)

// Task is the fetching of a fresh answer for an entry that was served stale. It has the lock of the entry, so that no other
// request fetches it meanwhile. It ends with Handler.Update or with Drop, on any goroutine.
type Task struct {
	key []byte
	req cache.Request
}

// Drop gives the task up.
func (t *Task) Drop() { t.req.Release() }

// serveAndUpdate answers with the stale entry and has another request fetch a fresh one.
func (x *call) serveAndUpdate(c *pipeline.Ctx) error {
	t := &Task{key: bytes.Clone(x.fill.key)}
	t.req.Reset(x.fill.req.Zone(), cache.KeyOf(t.key), nil, 1)
	x.fill.req.HandOver(&t.req)
	err := x.respondEntry(c)
	if uerr := x.h.cfg.Cache.Update(c, t); uerr != nil {
		t.Drop()
		x.note("error", "background update failed: "+uerr.Error())
		x.tell(c)
	}
	return err
}

// Update fetches an answer for the cache, in the background: c is a request of the server's own, on a worker.
func (h *Handler) Update(c *pipeline.Ctx, t *Task) error {
	x, err := h.prepare(c, reactorOf(c), callOf(c))
	if err != nil {
		t.Drop()
		return err
	}
	f, k := &x.fill, h.cfg.Cache
	f.looked, f.on, f.store, f.update, f.ready = true, true, true, true, true
	f.status = cache.StatusExpired
	f.toGet = !k.KeepHead
	f.key = append(f.key[:0], t.key...)
	f.req.Reset(t.req.Zone(), cache.KeyOf(f.key), x, max(k.MinUses, 1))
	t.req.HandOver(&f.req)
	t.Drop()
	f.asks = k.Revalidate && validates(f.req.Entry().Meta())
	return h.proceed(x, c)
}
