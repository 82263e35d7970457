package static

// Hot: runs for every conditional request; no allocation.

import (
	"bytes"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// outcome is what the preconditions of a request decide.
type outcome uint8

const (
	proceed            outcome = iota
	notModified                // 304
	preconditionFailed         // 412
)

// preconditions are the conditional fields of a request; nil when a field is absent.
type preconditions struct {
	ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince []byte
}

func (p *preconditions) any() bool {
	return p.ifMatch != nil || p.ifNoneMatch != nil || p.ifModifiedSince != nil || p.ifUnmodifiedSince != nil
}

// evaluate decides in the order of RFC 9110 section 13.2.2. A date that cannot be parsed is as good as none, and
// If-Modified-Since counts only without If-None-Match. It must be the file's own time exactly, as NGINX's
// if_modified_since has it by default: a file that was put back to an older state has changed, too.
func (p *preconditions) evaluate(etag string, mtime int64) outcome {
	switch {
	case p.ifMatch != nil:
		if !matchesETag(p.ifMatch, etag, false) {
			return preconditionFailed
		}
	case p.ifUnmodifiedSince != nil:
		if t, ok := http1.ParseDate(p.ifUnmodifiedSince); ok && mtime > t {
			return preconditionFailed
		}
	}
	switch {
	case p.ifNoneMatch != nil:
		if matchesETag(p.ifNoneMatch, etag, true) {
			return notModified
		}
	case p.ifModifiedSince != nil:
		if t, ok := http1.ParseDate(p.ifModifiedSince); ok && mtime == t {
			return notModified
		}
	}
	return proceed
}

// matchesETag reports whether a list of entity tags has etag, or is "*". The weak comparison ignores W/; in the strong one
// a weak tag matches nothing (RFC 9110 section 8.8.3.2).
func matchesETag(list []byte, etag string, weak bool) bool {
	for {
		var elem []byte
		if elem, list = http1.NextToken(list); len(elem) == 0 {
			return false
		}
		if len(elem) == 1 && elem[0] == '*' {
			return true
		}
		if bytes.HasPrefix(elem, []byte("W/")) {
			if !weak {
				continue
			}
			elem = elem[2:]
		}
		if string(elem) == etag {
			return true
		}
	}
}

// ifRangeHolds reports whether the ranges of a request may be honoured: If-Range names the file as it is, by its strong
// entity tag or its exact time (RFC 9110 section 13.1.5).
func ifRangeHolds(value []byte, etag string, mtime int64) bool {
	if len(value) > 0 && (value[0] == '"' || value[0] == 'W') {
		return string(value) == etag
	}
	t, ok := http1.ParseDate(value)
	return ok && t == mtime
}
