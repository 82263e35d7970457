package middleware

// Hot: runs for every conditional request; no allocation, no map, no defer.

import (
	"bytes"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// tagList is what If-Match or If-None-Match holds (RFC 9110 section 13.1): all field lines of one name, as spans of head.
type tagList struct {
	c  *pipeline.Ctx
	id http1.FieldID
}

// tagMatch is what a list says of an entity tag.
type tagMatch uint8

const (
	noTags    tagMatch = iota // there is no list, or none of its elements is a tag
	unmatched                 // there are tags, but not this one
	matched
)

// match looks for etag. In the weak comparison W/ does not count; in the strong one a weak tag matches nothing (section
// 8.8.3.2). "*", standing alone, matches any tag, a weak one as well.
func (l tagList) match(etag string, weak bool) tagMatch {
	found := noTags
	head := &l.c.Head
	for i := head.Next(l.id, 0); i >= 0; i = head.Next(l.id, i+1) {
		value := head.Fields[i].Value.Of(l.c.HeadBytes())
		if found == noTags && string(value) == "*" && head.Next(l.id, i+1) < 0 {
			if etag == "" {
				return unmatched
			}
			return matched
		}
		if m := matchTags(value, etag, weak); m > found {
			found = m
		}
	}
	return found
}

// matchTags looks for etag among the tags of one field value. What is no tag is passed over up to the next comma. A tag is
// no quoted-string: a backslash in it is just a byte.
func matchTags(list []byte, etag string, weak bool) tagMatch {
	found := noTags
	opaque, isWeak := strings.CutPrefix(etag, "W/")
	for len(list) > 0 {
		list = bytes.TrimLeft(list, " \t,")
		tag, listWeak := bytes.CutPrefix(list, []byte("W/"))
		n := tagLen(tag)
		rest := bytes.TrimLeft(tag[n:], " \t")
		if n > 0 && (len(rest) == 0 || rest[0] == ',') {
			if string(tag[:n]) == opaque && (weak || !isWeak && !listWeak) {
				return matched
			}
			found = unmatched
		}
		comma := bytes.IndexByte(rest, ',')
		if comma < 0 {
			break
		}
		list = rest[comma:]
	}
	return found
}

// tagLen returns the length of the opaque tag that b begins with, its quotes included; 0 when there is none.
func tagLen(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return 0
	}
	end := bytes.IndexByte(b[1:], '"')
	if end < 0 {
		return 0
	}
	return end + 2
}
