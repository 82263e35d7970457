package static

import (
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Cut answers the Range field of a request to a file whose response other hooks have changed since: what a filter made of
// the body, and Last-Modified and ETag as they are now (NGINX's range filter, which comes behind those). It does nothing
// when the response was answered in ranges already, when it is a stream, and when a filter has taken Accept-Ranges away.
func (f *Files) Cut(c *pipeline.Ctx) error {
	if c.Res().Stream() != nil {
		return nil
	}
	return f.cutTo(c, c.Res().Length(), f.opt.MaxRanges)
}

// CutOne is Cut for a response that is passed on while it comes: a stream, too, and one range. size is how long the body is, in
// bytes, -1 when it is not known.
func (f *Files) CutOne(c *pipeline.Ctx, size int64) error {
	if size < 0 || f.opt.MaxRanges < 0 {
		return nil
	}
	return f.cutTo(c, size, 1)
}

func (f *Files) cutTo(c *pipeline.Ctx, size int64, most int) error {
	res := c.Res()
	value := c.HeaderBytes(http1.Range)
	if value == nil || c.Head.Method != http1.MethodGet && !f.opt.HeadRanges || res.Status != 200 || most < 0 ||
		c.ResponseHeader("Accept-Ranges") == "" {
		return nil
	}
	if ir := c.HeaderBytes(http1.IfRange); ir != nil {
		mtime, ok := http1.ParseDate([]byte(c.ResponseHeader("Last-Modified")))
		if !ok {
			mtime = -1
		}
		if !ifRangeHolds(ir, c.ResponseHeader("ETag"), mtime) {
			return nil
		}
	}
	return f.cut(c, value, size, most)
}

func (f *Files) cut(c *pipeline.Ctx, value []byte, size int64, most int) error {
	var list [MaxRanges]byteRange
	if most <= 0 || most > MaxRanges {
		most = MaxRanges
	}
	n, verdict := parseRanges(value, size, list[:most])
	switch verdict {
	case wholeFile:
		return nil
	case unsatisfiable:
		c.DelHeader("Content-Range")
		return &pipeline.Error{Status: 416, ContentRange: string(appendContentRange(nil, byteRange{}, size))}
	}
	c.DelHeader("Accept-Ranges")
	c.SetStatus(206)
	old := c.Res().Parts()
	if n == 1 {
		_ = c.SetHeaderBytes("Content-Range", appendContentRange(nil, list[0], size)) // a sound field
		if c.Res().Stream() != nil {
			chunked := c.Res().StreamLength() < 0 // for a trailer
			if c.RangeStream(list[0].start, list[0].end); chunked {
				c.SetStreamLength(-1)
			}
			return nil
		}
		c.SetParts(slice(nil, old, list[0]))
		return nil
	}
	c.DelHeader("Content-Range")
	ctype, boundary := c.Res().ContentType, newBoundary()
	c.Res().ContentType = "multipart/byteranges; boundary=" + boundary
	var parts []pipeline.Part
	for _, r := range list[:n] {
		parts = append(parts, pipeline.Part{Bytes: appendPartHead(nil, boundary, ctype, r, size), Static: true})
		parts = slice(parts, old, r)
	}
	c.SetParts(append(parts, pipeline.Part{Bytes: []byte("\r\n--" + boundary + "--\r\n"), Static: true}))
	return nil
}

// slice appends what of a body lies in a range, with references of its own.
func slice(to, body []pipeline.Part, r byteRange) []pipeline.Part {
	var at int64
	for _, p := range body {
		if p.File == nil {
			p.N = int64(len(p.Bytes))
		}
		start, end := max(r.start-at, 0), min(r.end-at, p.N)
		at += p.N
		if start >= end {
			continue
		}
		if p.File != nil {
			p.File, p.Off = p.File.Acquire(), p.Off+start
		} else {
			p.Bytes = p.Bytes[start:end]
		}
		p.N = end - start
		to = append(to, p)
	}
	return to
}

// Skip leaves out the first bytes of a response that was made whole, and puts head in their place. It does nothing when the
// body has no more bytes than those.
func (f *Files) Skip(c *pipeline.Ctx, bytes int64, head []byte) {
	size := c.Res().Length()
	if bytes <= 0 || bytes >= size || c.Res().Stream() != nil {
		return
	}
	f.Splice(c, head, bytes, size)
}

// Splice puts head, which stays as it is, and the bytes from from to to of a response that was made whole in the place of that.
func (f *Files) Splice(c *pipeline.Ctx, head []byte, from, to int64) {
	parts := []pipeline.Part{{Bytes: head, Static: true}}
	c.SetParts(slice(parts, c.Res().Parts(), byteRange{from, to}))
}
