package filter

// Hot: Nested is asked for every response.

import (
	"io"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Subrequest has the server answer a GET for path and args (the part behind "?") with a request within c, and writes the
// body to w as it comes, that of an error page as well. It returns the status. An error means that there is no answer, or that
// its body broke off. It is called on a worker, where it may wait. The request it makes is marked with MarkNested.
type Subrequest func(c *pipeline.Ctx, path, args string, w io.Writer) (status int, err error)

type nestedKey struct{}

// MarkNested makes c a request within another one: what it answers becomes a part of another body, so filters of heads and
// codings leave it alone.
func MarkNested(c *pipeline.Ctx) { c.Set(nestedKey{}, true) }

// Nested tells whether c is a request within another one.
func Nested(c *pipeline.Ctx) bool { return c.Get(nestedKey{}) != nil }

// SafeURI splits what a body names into path and arguments; it refuses what leads out of the tree or is no path (NGINX:
// ngx_http_parse_unsafe_uri). The path is decoded.
func SafeURI(uri string) (path, args string, ok bool) {
	path, args, _ = strings.Cut(uri, "?")
	plain := path
	if strings.Contains(path, "%") {
		b := make([]byte, 0, len(path))
		for i := 0; i < len(path); i++ {
			if path[i] == '%' && i+2 < len(path) && hex(path[i+1]) >= 0 && hex(path[i+2]) >= 0 {
				b = append(b, byte(hex(path[i+1])<<4|hex(path[i+2])))
				i += 2
				continue
			}
			b = append(b, path[i])
		}
		plain = string(b)
	}
	if plain == "" || strings.IndexByte(plain, 0) >= 0 {
		return "", "", false
	}
	for segment := range strings.SplitSeq(plain, "/") {
		if segment == ".." {
			return "", "", false
		}
	}
	return plain, args, true
}

func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
