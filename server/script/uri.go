package script

// Hot: read by every request that uses $uri or $args; no allocation, no map, no defer.

import (
	"bytes"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// The current URI of a request is the path of its Ctx; its arguments are the query, until a rewrite or `set $args` gives
// others.

// Args returns the current arguments, without "?": $args. They are valid until they change or the Ctx is reset.
func Args(c *pipeline.Ctx) []byte {
	if s := current(c); s != nil && s.hasArgs {
		return s.args
	}
	return c.QueryBytes()
}

// SetArgs replaces the arguments by a copy of args: an internal redirect gives its own.
func SetArgs(c *pipeline.Ctx, args []byte) {
	s := stateOf(c)
	s.args, s.hasArgs, s.changed = s.keep(args), true, true
}

// SetURI replaces the current URI by a copy of uri: an absolute path, decoded.
func SetURI(c *pipeline.Ctx, uri []byte) {
	s := stateOf(c)
	c.SetPath(viewString(s.keep(uri)))
	s.changed = true
}

// Changed tells whether URI or arguments are not the client's any more: a proxy then sends the new ones, escaped, in place
// of the request's target as it came (NGINX: valid_unparsed_uri).
func Changed(c *pipeline.Ctx) bool {
	s := current(c)
	return s != nil && s.changed
}

// requestURI returns the target without scheme and authority, as it was sent: $request_uri. An absolute target without a
// path has only its query, or "/" when there is none either.
func requestURI(c *pipeline.Ctx) []byte {
	target := c.TargetBytes()
	switch h := &c.Head; {
	case h.Form != http1.FormAbsolute:
		return target
	case !h.Path.Empty():
		return target[h.Path.Start-h.Target.Start:]
	case h.HasQuery:
		return target[bytes.IndexByte(target, '?'):]
	}
	return slash
}

var slash = []byte{'/'}
