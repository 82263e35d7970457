package static

// Hot: answers with a range of a file, or several.

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"github.com/wheelpit/wheelpit/pipeline"
)

// part appends a range of the file to the response.
func (v *entry) part(c *pipeline.Ctx, r byteRange) {
	if v.body != nil && r.end-r.start <= smallFile {
		c.AddPart(pipeline.Part{Bytes: v.body[r.start:r.end], Static: true})
		return
	}
	c.AddPart(pipeline.Part{File: v.file.Acquire(), Off: r.start, N: r.end - r.start})
}

// ranges answers a Range field.
func (v *entry) ranges(c *pipeline.Ctx, value []byte, most int) error {
	var list [MaxRanges]byteRange
	if most <= 0 || most > MaxRanges {
		most = MaxRanges
	}
	n, verdict := parseRanges(value, v.info.size, list[:most])
	var buf [64]byte
	switch {
	case verdict == wholeFile:
		v.whole(c)
		return nil
	case verdict == unsatisfiable:
		return &pipeline.Error{Status: 416, ContentRange: string(appendContentRange(buf[:0], byteRange{}, v.info.size))}
	case n == 1:
		c.SetHeaderBytes("Content-Range", appendContentRange(buf[:0], list[0], v.info.size))
		c.DelHeader("Accept-Ranges")
		c.SetStatus(206)
		v.part(c, list[0])
		return nil
	}
	v.multipart(c, list[:n])
	return nil
}

// newBoundary returns what separates the parts of a multipart/byteranges body: 20 digits, as in NGINX, but drawn anew for each
// response. Who could foresee them could upload a file that ends a part early.
func newBoundary() string { return fmt.Sprintf("%020d", rand.Uint64()) }

// multipart answers with several ranges (RFC 9110 section 14.6).
func (v *entry) multipart(c *pipeline.Ctx, list []byteRange) {
	ctype, boundary := v.ctype, newBoundary()
	c.Res().ContentType = "multipart/byteranges; boundary=" + boundary
	c.DelHeader("Accept-Ranges")
	c.SetStatus(206)
	for _, r := range list {
		c.AddPart(pipeline.Part{Bytes: appendPartHead(nil, boundary, ctype, r, v.info.size), Static: true})
		v.part(c, r)
	}
	c.AddPart(pipeline.Part{Bytes: []byte("\r\n--" + boundary + "--\r\n"), Static: true})
}

// makeBlock keeps the response that was just made of a small file, for those that follow.
func (v *entry) makeBlock(c *pipeline.Ctx) {
	head := c.Transport().AppendHead(make([]byte, 0, 512), c)
	v.headLen = len(head)
	v.dateAt = bytes.Index(head, []byte("\r\nDate: ")) + len("\r\nDate: ")
	v.block = append(head, v.body...)
	v.dateOf, _ = c.Transport().Date()
}
