package middleware

// Hot: runs for every request; no allocation for a body of one part, no map, no defer.

import (
	"crypto/md5"
	"encoding/hex"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// ConditionalGet answers a GET whose preconditions say so with 304 or 412 (RFC 9110 section 13; Django:
// ConditionalGetMiddleware). A response in memory that has no ETag gets one, the MD5 of its body: a name for it, not a
// protection. It saves bytes on the wire, not the work of the handler. It belongs within GZip, whose bodies are other bytes
// each time. Files, streams and partial content keep the ETag and Last-Modified they have.
type ConditionalGet struct{}

// kept are the fields of a 304 (RFC 9110 section 15.4.5), Last-Modified, and cookies.
var kept = []string{"Cache-Control", "Content-Location", "Date", "ETag", "Expires", "Last-Modified", "Set-Cookie", "Vary"}

// ProcessResponse adds the ETag and evaluates the preconditions.
func (ConditionalGet) ProcessResponse(c *pipeline.Ctx) error {
	if c.Head.Method != http1.MethodGet {
		return nil // too late to prevent what an unsafe method did; and the body of HEAD may be another
	}
	if c.Res().Status != 206 && !c.HasResponseHeader("ETag") && !noStore(c) {
		setETag(c)
	}
	if status := c.Res().Status; status < 200 || status > 299 {
		return nil
	}
	switch evaluate(c) {
	case 304:
		c.KeepHeaders(kept...)
		return c.NoContent(304)
	case 412:
		c.ClearResponse()
		return c.NoContent(412)
	}
	return nil
}

// noStore tells whether Cache-Control forbids to keep the response, so that no client will have a tag to send.
func noStore(c *pipeline.Ctx) bool {
	fields := c.Res().Fields()
	for i := range fields {
		if !strings.EqualFold(fields[i].Name, "Cache-Control") {
			continue
		}
		for elem, rest, more := "", fields[i].Value, true; more; {
			elem, rest, more = strings.Cut(rest, ",")
			if strings.EqualFold(strings.Trim(elem, " \t"), "no-store") {
				return true
			}
		}
	}
	return false
}

// setETag makes a tag of a body that is in memory and not empty.
func setETag(c *pipeline.Ctx) {
	res := c.Res()
	if res.Length() <= 0 || !res.InMemory() {
		return
	}
	var sum [md5.Size]byte
	if parts := res.Parts(); len(parts) == 1 {
		sum = md5.Sum(parts[0].Bytes)
	} else {
		hash := md5.New()
		for i := range parts {
			hash.Write(parts[i].Bytes)
		}
		hash.Sum(sum[:0])
	}
	var tag [2*md5.Size + 2]byte
	tag[0], tag[len(tag)-1] = '"', '"'
	hex.Encode(tag[1:], sum[:])
	_ = c.SetHeaderBytes("ETag", tag[:]) // hexadecimal digits
}

// evaluate decides in the order of RFC 9110 section 13.2.2 by what the response says of itself (Django:
// get_conditional_response): 304, 412, or 0 to go on. A date that cannot be parsed is as good as none.
func evaluate(c *pipeline.Ctx) int {
	etag := c.ResponseHeader("ETag")
	modified, dated := http1.ParseDate([]byte(c.ResponseHeader("Last-Modified")))
	if etag == "" && !dated {
		return 0
	}
	switch c.Head.MatchETags(c.HeadBytes(), http1.IfMatch, etag, false) {
	case http1.TagUnmatched:
		return 412
	case http1.NoTags:
		// Without a date of our own we cannot say that it was not modified.
		if since, ok := http1.ParseDate(c.HeaderBytes(http1.IfUnmodifiedSince)); ok && (!dated || modified > since) {
			return 412
		}
	}
	switch c.Head.MatchETags(c.HeadBytes(), http1.IfNoneMatch, etag, true) {
	case http1.TagMatched:
		return 304
	case http1.NoTags:
		if since, ok := http1.ParseDate(c.HeaderBytes(http1.IfModifiedSince)); ok && dated && modified <= since {
			return 304
		}
	}
	return 0
}
