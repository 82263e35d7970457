package static

// Hot: runs for every conditional request; no allocation.

import (
	"github.com/wheelpit/wheelpit/loop/http1"
)

// outcome is what the preconditions of a request decide.
type outcome uint8

const (
	proceed            outcome = iota
	notModified                // 304
	preconditionFailed         // 412
)

// ModifiedSince says how If-Modified-Since is compared (NGINX if_modified_since).
type ModifiedSince uint8

const (
	// Exact wants the file's own time: a file that was put back to an older state has changed, too. The default.
	Exact ModifiedSince = iota
	// Before takes any time that is not before the file's, as RFC 9110 section 13.1.3 has it.
	Before
	// Off ignores the field.
	Off
)

// holds reports whether a file of time mtime counts as not modified since t.
func (m ModifiedSince) holds(mtime, t int64) bool {
	return m == Exact && mtime == t || m == Before && mtime <= t
}

// preconditions are the conditional fields of a request; nil when a field is absent.
type preconditions struct {
	ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince []byte
}

func (p *preconditions) any() bool {
	return p.ifMatch != nil || p.ifNoneMatch != nil || p.ifModifiedSince != nil || p.ifUnmodifiedSince != nil
}

// evaluate decides in the order of RFC 9110 section 13.2.2. A date that cannot be parsed is as good as none, and
// If-Modified-Since counts only without If-None-Match, unless both says that both have to hold, as NGINX wants it.
func (p *preconditions) evaluate(etag string, mtime int64, since ModifiedSince, both bool) outcome {
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
	case both:
		return p.evaluateBoth(etag, mtime, since)
	case p.ifNoneMatch != nil:
		if matchesETag(p.ifNoneMatch, etag, true) {
			return notModified
		}
	case p.ifModifiedSince != nil:
		if t, ok := http1.ParseDate(p.ifModifiedSince); ok && since.holds(mtime, t) {
			return notModified
		}
	}
	return proceed
}

// evaluateBoth is ngx_http_not_modified_header_filter: each condition that is there has to hold.
func (p *preconditions) evaluateBoth(etag string, mtime int64, since ModifiedSince) outcome {
	if p.ifModifiedSince == nil && p.ifNoneMatch == nil {
		return proceed
	}
	if p.ifModifiedSince != nil {
		t, ok := http1.ParseDate(p.ifModifiedSince)
		if since == Off || !ok || !since.holds(mtime, t) {
			return proceed
		}
	}
	if p.ifNoneMatch != nil && string(p.ifNoneMatch) != "*" && (etag == "" || !matchesETag(p.ifNoneMatch, etag, true)) {
		return proceed
	}
	return notModified
}

// matchesETag reports whether a list of entity tags has etag, or is "*". A list without any is one that does not have it.
func matchesETag(list []byte, etag string, weak bool) bool {
	return http1.MatchETag(list, etag, weak) == http1.TagMatched
}

// ifRangeHolds reports whether the ranges of a request may be honoured: If-Range names the file as it is, by its strong
// entity tag or its exact time (RFC 9110 section 13.1.5). What ends with a quote is a tag, as in NGINX: the first byte does
// not tell, for the dates of a Wednesday begin like a weak tag.
func ifRangeHolds(value []byte, etag string, mtime int64) bool {
	if len(value) >= 2 && value[len(value)-1] == '"' {
		return string(value) == etag
	}
	t, ok := http1.ParseDate(value)
	return ok && t == mtime
}
