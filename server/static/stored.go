package static

// Hot: runs for every answer of a cache; no allocation but for ranges.

import (
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pool"
)

// Stored is a whole answer that lies somewhere, a cache for one: conditions and ranges of requests are evaluated against it as
// against a file. Its fields are set on the response by the caller.
type Stored struct {
	// ETag and Modified are its validators: empty, and less than 0, for none.
	ETag     string
	Modified int64
	// Bytes is the body, or File with Offset; Size is its length in bytes.
	Bytes  []byte
	File   *pool.File
	Offset int64
	Size   int64
	// Live sends a body that comes by itself, of which there is one range at most; Size is -1 when it is not known, and MaxRanges
	// less than 0 then.
	Live interface {
		SendRange(c *pipeline.Ctx, status int, from, n int64)
	}
	// Unconditional heeds ranges alone.
	Unconditional bool
	// Since and Both are if_modified_since, and whether two conditions must both hold; MaxRanges is max_ranges, less than 0
	// for none.
	Since     ModifiedSince
	Both      bool
	MaxRanges int
}

// Answer makes the response: 200, 206, 304, or the error of 412 and 416.
func (s *Stored) Answer(c *pipeline.Ctx) error {
	if done, err := s.Condition(c); done {
		return err
	}
	value := c.HeaderBytes(http1.Range)
	if value == nil || !getOrHead(c) || s.MaxRanges < 0 {
		return s.whole(c)
	}
	if ir := c.HeaderBytes(http1.IfRange); ir != nil && !ifRangeHolds(ir, s.ETag, s.Modified) {
		return s.whole(c)
	}
	return s.ranges(c, value)
}

// Condition evaluates the conditions of the request alone. done tells that they decide: 304 was answered, or the error is 412.
func (s *Stored) Condition(c *pipeline.Ctx) (done bool, err error) {
	pre := preconditions{
		ifMatch: c.HeaderBytes(http1.IfMatch), ifNoneMatch: c.HeaderBytes(http1.IfNoneMatch),
		ifModifiedSince: c.HeaderBytes(http1.IfModifiedSince), ifUnmodifiedSince: c.HeaderBytes(http1.IfUnmodifiedSince),
	}
	if s.Modified < 0 { // there is no date to compare with
		pre.ifModifiedSince, pre.ifUnmodifiedSince = nil, nil
	}
	if !s.Unconditional && pre.any() {
		switch pre.evaluate(s.ETag, s.Modified, s.Since, s.Both) {
		case notModified:
			c.DelHeader("Accept-Ranges")
			c.Res().ContentType = ""
			return true, c.NoContent(304)
		case preconditionFailed:
			return true, &pipeline.Error{Status: 412}
		}
	}
	return false, nil
}

func getOrHead(c *pipeline.Ctx) bool {
	return c.Head.Method == http1.MethodGet || c.Head.Method == http1.MethodHead
}

func (s *Stored) whole(c *pipeline.Ctx) error {
	c.SetStatus(200)
	s.part(c, byteRange{0, s.Size})
	return nil
}

func (s *Stored) part(c *pipeline.Ctx, r byteRange) {
	if s.Live != nil {
		s.Live.SendRange(c, c.Res().Status, r.start, r.end-r.start)
		return
	}
	if s.File == nil {
		c.AddPart(pipeline.Part{Bytes: s.Bytes[r.start:r.end], Static: true})
		return
	}
	c.AddPart(pipeline.Part{File: s.File.Acquire(), Off: s.Offset + r.start, N: r.end - r.start})
}

func (s *Stored) ranges(c *pipeline.Ctx, value []byte) error {
	var list [MaxRanges]byteRange
	most := s.MaxRanges
	if most == 0 || most > MaxRanges {
		most = MaxRanges
	}
	n, verdict := parseRanges(value, s.Size, list[:most])
	var buf [64]byte
	switch {
	case verdict == wholeFile:
		return s.whole(c)
	case verdict == unsatisfiable:
		c.DelHeader("Content-Range")
		return &pipeline.Error{Status: 416, ContentRange: string(appendContentRange(buf[:0], byteRange{}, s.Size))}
	case n == 1:
		_ = c.SetHeaderBytes("Content-Range", appendContentRange(buf[:0], list[0], s.Size))
		c.DelHeader("Accept-Ranges")
		c.SetStatus(206)
		s.part(c, list[0])
		return nil
	}
	ctype, boundary := c.Res().ContentType, newBoundary()
	c.DelHeader("Accept-Ranges")
	c.DelHeader("Content-Range")
	c.SetStatus(206)
	c.Res().ContentType = "multipart/byteranges; boundary=" + boundary
	for _, r := range list[:n] {
		c.AddPart(pipeline.Part{Bytes: appendPartHead(nil, boundary, ctype, r, s.Size), Static: true})
		s.part(c, r)
	}
	c.AddPart(pipeline.Part{Bytes: []byte("\r\n--" + boundary + "--\r\n"), Static: true})
	return nil
}
