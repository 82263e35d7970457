package filter

// Hot: Accept runs for every response that could be compressed; no allocation, no map, no defer.

import (
	"bytes"
	"strings"
	"unsafe"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Proxied says which answers to requests of a proxy, known by their Via field, are compressed (NGINX gzip_proxied). The zero
// value is none.
type Proxied uint16

// The words of gzip_proxied.
const (
	ProxiedExpired        Proxied = 1 << iota // "expired": an Expires that has passed
	ProxiedNoCache                            // "no-cache" in Cache-Control
	ProxiedNoStore                            // "no-store"
	ProxiedPrivate                            // "private"
	ProxiedNoLastModified                     // "no_last_modified": without that field
	ProxiedNoETag                             // "no_etag"
	ProxiedAuth                               // "auth": of a request with Authorization
	ProxiedAny                                // "any"
)

// Clients are the conditions on a request under which its answer is compressed with gzip (ngx_http_gzip_ok). gzip, gunzip and
// gzip_static share them. The zero value is NGINX's default.
type Clients struct {
	// Proxied is gzip_proxied.
	Proxied Proxied
	// HTTP10 takes HTTP/1.0 as well (gzip_http_version 1.0).
	HTTP10 bool
	// MSIE6 refuses Internet Explorer 4 to 6 before SV1 (gzip_disable msie6); Disable refuses by User-Agent.
	MSIE6   bool
	Disable func(userAgent []byte) bool
}

// ownVia tells whether the only proxy on the way was a gateway of this program: NGINX's adds no Via, so behind one of ours
// answers are compressed that would be behind NGINX.
func ownVia(c *pipeline.Ctx) bool {
	at := c.Head.Next(http1.Via, 0)
	_, name, _ := strings.Cut(string(c.Head.Fields[at].Value.Of(c.HeadBytes())), " ")
	return name == "wheelpit" && c.Head.Next(http1.Via, at+1) < 0
}

// Accept tells whether the answer to c is to be compressed with gzip.
func (k *Clients) Accept(c *pipeline.Ctx) bool {
	value := c.HeaderBytes(http1.AcceptEncoding)
	if Nested(c) || len(value) < len("gzip") || !Accepts(value, "gzip") || c.Head.Minor == 0 && !k.HTTP10 {
		return false
	}
	if c.Head.Has(http1.Via) && !ownVia(c) && !k.proxied(c) {
		return false
	}
	if !k.MSIE6 && k.Disable == nil {
		return true
	}
	agent := c.HeaderBytes(http1.UserAgent)
	return !(k.MSIE6 && msie6(agent)) && !(k.Disable != nil && agent != nil && k.Disable(agent))
}

// proxied decides for a request that came through a proxy, in NGINX's order: a field of the response that is there decides
// before those that may be absent.
func (k *Clients) proxied(c *pipeline.Ctx) bool {
	p := k.Proxied
	switch {
	case p == 0:
		return false
	case p&ProxiedAny != 0, p&ProxiedAuth != 0 && c.Head.Has(http1.Authorization):
		return true
	case c.HasResponseHeader("Expires"):
		return p&ProxiedExpired != 0 && expired(c)
	case c.HasResponseHeader("Cache-Control"):
		return p&ProxiedNoCache != 0 && directive(c, "no-cache") || p&ProxiedNoStore != 0 && directive(c, "no-store") ||
			p&ProxiedPrivate != 0 && directive(c, "private")
	case p&ProxiedNoLastModified != 0 && c.HasResponseHeader("Last-Modified"):
		return false
	case p&ProxiedNoETag != 0 && c.HasResponseHeader("ETag"):
		return false
	}
	return true
}

// expired tells whether Expires lies before Date, or else the present.
func expired(c *pipeline.Ctx) bool {
	expires, ok := http1.ParseDate(bytesOf(c.ResponseHeader("Expires")))
	if !ok {
		return false
	}
	now, _ := c.Transport().Date()
	if date := c.ResponseHeader("Date"); date != "" {
		if now, ok = http1.ParseDate(bytesOf(date)); !ok {
			return false
		}
	}
	return expires < now
}

// directive tells whether some Cache-Control line has a directive without an argument.
func directive(c *pipeline.Ctx, name string) bool {
	for i := range c.Res().Fields() {
		f := &c.Res().Fields()[i]
		if len(f.Name) == len("Cache-Control") && strings.EqualFold(f.Name, "Cache-Control") && http1.HasToken(bytesOf(f.Value), name) {
			return true
		}
	}
	return false
}

// msie6 tells whether a User-Agent is an Internet Explorer that cannot be trusted with gzip.
func msie6(agent []byte) bool {
	i := bytes.Index(agent, []byte("MSIE "))
	if i < 0 || i+7 >= len(agent) || agent[i+6] != '.' {
		return false
	}
	switch agent[i+5] {
	case '4', '5':
		return true
	case '6':
		return !bytes.Contains(agent[i+7:], []byte("SV1"))
	}
	return false
}

func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
