// Hot: no allocation, no map, no defer.

package http1

import (
	"bytes"
	"strings"
)

// TagMatch is what the value of If-Match or If-None-Match says of an entity tag (RFC 9110 sections 13.1.1 and 13.1.2).
type TagMatch uint8

const (
	// NoTags: there is no entity tag in it.
	NoTags TagMatch = iota
	// TagUnmatched: there are entity tags, but not this one.
	TagUnmatched
	// TagMatched: it is there, or "*" stands alone.
	TagMatched
)

// MatchETags looks for etag, quotes and W/ included, in all fields of that id. "" stands for a representation that does not
// exist, which matches nothing, not even "*".
func (r *Request) MatchETags(head []byte, id FieldID, etag string, weak bool) TagMatch {
	found := NoTags
	first := r.Next(id, 0)
	for i := first; i >= 0; i = r.Next(id, i+1) {
		value := r.Fields[i].Value.Of(head)
		if i == first && r.Next(id, i+1) < 0 {
			return MatchETag(value, etag, weak)
		}
		found = max(found, matchTags(value, etag, weak))
	}
	return found
}

// MatchETag looks for etag in one field value; see MatchETags. In the weak comparison W/ does not count; in the strong one a
// weak tag matches nothing (section 8.8.3.2). What is no tag is passed over up to the next comma. A tag is no quoted-string:
// a backslash in it is just a byte, and a comma belongs to it.
func MatchETag(list []byte, etag string, weak bool) TagMatch {
	if len(list) != 1 || list[0] != '*' {
		return matchTags(list, etag, weak)
	}
	if etag == "" {
		return TagUnmatched
	}
	return TagMatched
}

func matchTags(list []byte, etag string, weak bool) TagMatch {
	found := NoTags
	opaque, isWeak := strings.CutPrefix(etag, "W/")
	for len(list) > 0 {
		list = bytes.TrimLeft(list, " \t,")
		tag, listWeak := bytes.CutPrefix(list, []byte("W/"))
		n := opaqueLen(tag)
		rest := bytes.TrimLeft(tag[n:], " \t")
		if n > 0 && (len(rest) == 0 || rest[0] == ',') {
			if string(tag[:n]) == opaque && (weak || !isWeak && !listWeak) {
				return TagMatched
			}
			found = TagUnmatched
		}
		comma := bytes.IndexByte(rest, ',')
		if comma < 0 {
			break
		}
		list = rest[comma:]
	}
	return found
}

// opaqueLen returns the length of the opaque tag that b begins with, its quotes included; 0 when there is none.
func opaqueLen(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return 0
	}
	end := bytes.IndexByte(b[1:], '"')
	if end < 0 {
		return 0
	}
	return end + 2
}
