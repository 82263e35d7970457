package pipeline

import (
	"net/netip"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/router"
)

// Method returns the request method.
func (c *Ctx) Method() string {
	if m := c.Head.Method; m != http1.MethodOther {
		return m.String()
	}
	return string(c.Head.MethodSpan.Of(c.head))
}

func (c *Ctx) methodBit() router.Methods { return 1 << c.Head.Method }

// Path returns the path: percent-decoded, dot segments resolved, without the query. It begins with "/".
func (c *Ctx) Path() string { return strings.Clone(c.path) }

// PathBytes is Path as a view of the request.
func (c *Ctx) PathBytes() []byte { return bytesOf(c.path) }

// PathView is Path as a view of the request: it must not be kept.
func (c *Ctx) PathView() string { return c.path }

// SetPath replaces the path, for a Request hook that rewrites it before the URL is resolved.
func (c *Ctx) SetPath(p string) { c.path = p }

// RestBytes returns the part of the path behind the prefix of a mount.
func (c *Ctx) RestBytes() []byte { return bytesOf(c.Match.Rest()) }

// Target returns the request target as it was sent.
func (c *Ctx) Target() string { return string(c.TargetBytes()) }

// TargetBytes is Target as a view of the request.
func (c *Ctx) TargetBytes() []byte { return c.Head.Target.Of(c.head) }

// RawPathBytes returns the path as it was sent: a view of the request.
func (c *Ctx) RawPathBytes() []byte { return c.Head.Path.Of(c.head) }

// QueryBytes returns what follows "?" in the target, as it was sent: a view of the request.
func (c *Ctx) QueryBytes() []byte { return c.Head.Query.Of(c.head) }

// Host returns the authority the request is for: of an absolute target, or else of Host.
func (c *Ctx) Host() string { return string(c.HostBytes()) }

// HostBytes is Host as a view of the request.
func (c *Ctx) HostBytes() []byte { return c.Head.Authority.Of(c.head) }

// HeadBytes returns the head as it was received: a view of the request.
func (c *Ctx) HeadBytes() []byte { return c.head }

// Header returns the value of the first field of that name, any case, or "".
func (c *Ctx) Header(name string) string {
	span, _ := c.Head.Lookup(c.head, name)
	return string(span.Of(c.head))
}

// HeaderBytes returns the value of the first field with that id as a view of the request, nil when there is none.
func (c *Ctx) HeaderBytes(id http1.FieldID) []byte {
	if span, ok := c.Head.First(id); ok {
		return span.Of(c.head)
	}
	return nil
}

// Query returns the first value of a query parameter, decoded, or "".
func (c *Ctx) Query(name string) string {
	v, _ := c.LookupQuery(name)
	return v
}

// Cookie returns the value of the first cookie of that name, or "".
func (c *Ctx) Cookie(name string) string { return string(c.CookieBytes(name)) }

// Remote returns the client's address; the zero value for a unix socket.
func (c *Ctx) Remote() netip.AddrPort { return c.transport.Remote() }

// Local returns the address the client connected to.
func (c *Ctx) Local() netip.AddrPort { return c.transport.Local() }

// Secure tells whether the connection is encrypted.
func (c *Ctx) Secure() bool { return c.transport.Secure() }

// Transport returns what carries the request.
func (c *Ctx) Transport() Transport { return c.transport }
