package static

// Hot: Serve runs for every request; what it finds in the cache is answered without allocation.

import (
	"strings"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Serve answers with the file that the path names; on a mount, with what is behind the prefix. Register it Inline: what is
// cached is answered on the reactor, the rest continues on a worker by itself.
func (f *Files) Serve(c *pipeline.Ctx) error { return f.ServePath(c, mounted(c)) }

// ServePath is Serve for a path within the tree that the caller gives; it begins with "/".
func (f *Files) ServePath(c *pipeline.Ctx, path string) error {
	if c.Head.Method != http1.MethodGet && c.Head.Method != http1.MethodHead {
		return errMethod
	}
	t := c.Transport()
	cache := f.cache(t.Shard())
	if c.OnWorker() {
		e := f.load(path)
		e.checked = t.Ticks()
		return f.loaded(c, cache, e)
	}
	e := cache.lookup(path)
	if e == nil || !f.trusted(cache, t, e) {
		return pipeline.ErrOffload
	}
	if e.status == listing {
		return pipeline.ErrOffload
	}
	return f.answer(c, e, true)
}

// trusted tells whether an entry of the reactor's cache may be used.
func (f *Files) trusted(c *cache, t pipeline.Transport, e *entry) bool {
	now := t.Ticks()
	age := now - e.checked
	if e.used = now; c.rest != 0 {
		c.expire(now)
	}
	if f.opt.Trust != TrustNone {
		if e.uses++; e.uses >= f.opt.MinUses && (f.opt.Trust == TrustAll || e.status == 200 || e.status == 301) {
			return age <= f.valid
		}
		return age <= min(f.valid, loop.Ticks(DefaultRevalidate)) && f.unchanged(c, t, e)
	}
	return age <= f.valid && f.unchanged(c, t, e)
}

func (f *Files) unchanged(c *cache, t pipeline.Transport, e *entry) bool {
	return f.watch == nil || f.watch.current(c, t, e.seen)
}

// mounted returns the path within the tree: what is behind the prefix of a mount, with its slash.
func mounted(c *pipeline.Ctx) string {
	if rest := c.Match.Rest(); len(rest) > 0 && rest[0] == '/' {
		return rest
	}
	return c.PathView()
}

var errMethod = &pipeline.Error{Status: 405, Allow: "GET, HEAD"}

// loaded answers on a worker with a fresh entry, and leaves it to the reactor.
func (f *Files) loaded(c *pipeline.Ctx, cache *cache, e *entry) error {
	if e.status == listing {
		return f.list(c, e)
	}
	err := f.answer(c, e, false)
	if len(e.key) > keyMax {
		e.release()
		return err
	}
	cache.hand(e)
	return err
}

// answer answers with an entry. own tells that the goroutine owns the entry, so that its ready-made block may be used.
func (f *Files) answer(c *pipeline.Ctx, e *entry, own bool) error {
	switch {
	case e.status == 200:
		return f.file(c, e, own)
	case e.status == 301:
		return redirect(c)
	case e.status == 404 && e.coded && f.negotiate(c, e) >= 0:
		return f.file(c, e, own)
	case e.status == 404 && f.opt.SPA && e.key != "/":
		return f.fallback(c)
	}
	return f.fail(c, e.status)
}

// fail answers an error: with the page configured for it, or as any other.
func (f *Files) fail(c *pipeline.Ctx, status int) error {
	switch status {
	case 404:
		return pipeline.ErrNotFound
	case 403:
		return pipeline.ErrPermissionDenied
	}
	return &pipeline.Error{Status: status}
}

// redirect adds the slash that a directory's path lacks (RFC 9110 section 15.4.2). The slashes at its beginning become one,
// so that it cannot name another host.
func redirect(c *pipeline.Ctx) error {
	loc := appendEscapedPath(append(make([]byte, 0, 256), '/'), strings.TrimLeft(c.PathView(), "/"))
	loc = append(loc, '/')
	if c.Head.HasQuery {
		loc = append(append(loc, '?'), c.QueryBytes()...)
	}
	return c.Redirect(301, string(loc))
}

// appendEscapedPath appends a decoded path with everything escaped that has a meaning in a URL or a head.
func appendEscapedPath(b []byte, path string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(path) {
		c := path[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("%?#\"<>\\^`{|}", c) >= 0 {
			b = append(b, '%', hex[c>>4], hex[c&15])
			continue
		}
		b = append(b, c)
	}
	return b
}

// fallback answers with /index.html in place of what does not exist.
func (f *Files) fallback(c *pipeline.Ctx) error {
	if c.OnWorker() {
		e := f.load("/" + f.opt.Index[0])
		if e.status != 200 {
			return f.fail(c, 404)
		}
		e.checked = c.Transport().Ticks()
		err := f.file(c, e, false)
		f.cache(c.Transport().Shard()).hand(e)
		return err
	}
	cache := f.cache(c.Transport().Shard())
	e := cache.lookup("/" + f.opt.Index[0])
	if e == nil || e.status != 200 || !f.trusted(cache, c.Transport(), e) {
		return pipeline.ErrOffload
	}
	return f.file(c, e, true)
}

// file answers with a file, or says that the client has it already.
func (f *Files) file(c *pipeline.Ctx, e *entry, own bool) error {
	h := &c.Head
	v, coding := e, -1
	if e.coded {
		if coding = f.negotiate(c, e); coding >= 0 {
			v = e.coding[coding]
		}
	}
	plain := own && !h.Has(http1.Range) && !conditional(h) && c.Transport().Plain()
	if plain && v.block != nil {
		v.send(c)
		return nil
	}
	pre := preconditions{
		ifMatch: c.HeaderBytes(http1.IfMatch), ifNoneMatch: c.HeaderBytes(http1.IfNoneMatch),
		ifModifiedSince: c.HeaderBytes(http1.IfModifiedSince), ifUnmodifiedSince: c.HeaderBytes(http1.IfUnmodifiedSince),
	}
	if pre.any() && !c.IsSubrequest() { // a subrequest has the head of the request around it
		switch pre.evaluate(v.etag, v.info.mtime, f.opt.ModifiedSince, f.opt.BothConditions) {
		case notModified:
			v.fields(c, e, -1) // the client knows the coding of what it has (RFC 9110 section 15.4.5)
			c.DelHeader("Accept-Ranges")
			c.Res().ContentType = ""
			return c.NoContent(304)
		case preconditionFailed:
			return &pipeline.Error{Status: 412}
		}
	}
	v.fields(c, e, coding)
	if f.changed(c, v, coding) {
		v.forFilters(c)
		return nil
	}
	if value := c.HeaderBytes(http1.Range); value != nil && (h.Method == http1.MethodGet || f.opt.HeadRanges) && f.opt.MaxRanges >= 0 && !c.IsSubrequest() {
		if ir := c.HeaderBytes(http1.IfRange); ir == nil || ifRangeHolds(ir, v.etag, v.info.mtime) {
			return v.ranges(c, value, f.opt.MaxRanges)
		}
	}
	v.whole(c)
	if plain && v.body != nil && len(v.body) <= smallFile {
		v.makeBlock(c)
	}
	return nil
}

// changed tells whether a Response hook will change the body.
func (f *Files) changed(c *pipeline.Ctx, v *entry, coding int) bool {
	if coding >= 0 {
		return f.opt.Gunzipped != nil && codingTable[coding].name == "gzip" && f.opt.Gunzipped(c)
	}
	return f.opt.Filtered != nil && f.opt.Filtered(c, v.ctype, v.info.size)
}

// conditional tells whether a request has preconditions.
func conditional(h *http1.Request) bool {
	return h.Has(http1.IfNoneMatch) || h.Has(http1.IfModifiedSince) || h.Has(http1.IfMatch) || h.Has(http1.IfUnmodifiedSince)
}

// fields sets the fields that describe the file; base is the file that v may be a coding of.
func (v *entry) fields(c *pipeline.Ctx, base *entry, coding int) {
	c.Res().ContentType = v.ctype
	c.AddParsed("Last-Modified", v.mtime)
	if v.etag != "" {
		c.AddParsed("ETag", v.etag)
	}
	if !v.noRanges {
		c.AddParsed("Accept-Ranges", "bytes")
	}
	if base.coded && !base.noVary {
		c.AddParsed("Vary", "Accept-Encoding")
	}
	if coding >= 0 {
		c.AddParsed("Content-Encoding", codingTable[coding].name)
	}
}

// whole answers with all of the file.
func (v *entry) whole(c *pipeline.Ctx) {
	c.SetStatus(200)
	v.part(c, byteRange{0, v.info.size})
}

// forFilters answers with all of the file for Response hooks that change it: from memory if it is kept there, whatever its
// size, since they cannot use what the kernel sends.
func (v *entry) forFilters(c *pipeline.Ctx) {
	if v.body == nil {
		v.whole(c)
		return
	}
	c.SetStatus(200)
	c.AddPart(pipeline.Part{Bytes: v.body, Static: true})
}

// send answers with the ready-made block, its Date brought up to date. The block is the reactor's own, and what the kernel
// does not take of it at once is copied, so that a later Date does not reach into a response half sent.
func (v *entry) send(c *pipeline.Ctx) {
	if unix, date := c.Transport().Date(); unix != v.dateOf {
		v.dateOf = unix
		copy(v.block[v.dateAt:], date[:])
	}
	c.SendReady(200, v.block, v.headLen)
}
