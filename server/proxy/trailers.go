package proxy

import (
	"bytes"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// The trailer fields of an answer come to the reactor behind its last chunk and are kept as they came: lines whose grammar the
// ChunkReader has checked. They are read when the body has ended, by who ends the response: the end of the body was told to it behind
// them.

// eachTrailer calls f with name and value of every trailer field until it returns false.
func (x *call) eachTrailer(f func(name, value []byte) bool) {
	for line := range bytes.SplitSeq(x.trailers, []byte("\r\n")) {
		name, value, ok := bytes.Cut(line, []byte(":"))
		if ok && !f(name, bytes.Trim(value, " \t")) {
			return
		}
	}
}

// WriteTrailer passes the trailer fields on, as fields of the head are; see pipeline.Trailer.
func (x *call) WriteTrailer(c *pipeline.Ctx) {
	listed := x.res.Has(http1.Connection)
	x.eachTrailer(func(name, value []byte) bool {
		hidden := x.h.hide.has(http1.LookupField(name), name) || listed && nominated(x.res.Fields, x.raw, name)
		if !hidden {
			c.AddTrailerField(string(name), value)
		}
		return true
	})
}

// TrailerVariable returns the getter of $upstream_trailer_NAME; name is in lower case with "_" for "-". Fields of several lines are
// joined by ", ". There are trailers once the body has ended, and only if they are passed on, as with NGINX.
func TrailerVariable(name string) func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	field := strings.ReplaceAll(name, "_", "-")
	return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
		x := callOf(c)
		if x == nil || !x.done.Load() { // the reactor still appends to them
			return dst, false
		}
		found := false
		x.eachTrailer(func(name, value []byte) bool {
			if len(name) != len(field) || !equalFold(name, field) {
				return true
			}
			if found {
				dst = append(dst, ", "...)
			}
			dst, found = append(dst, value...), true
			return true
		})
		return dst, found
	}
}
