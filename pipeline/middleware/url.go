package middleware

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/router"
)

// The functions of this file say under which URL the client asked, as far as that depends on middleware: on the fields
// that Hosts and Security were told to believe. They may be called by hooks and handlers behind those two.

// hostsKey is where Hosts leaves itself when it believes X-Forwarded fields; secureKey where Security leaves what the proxy
// said.
type (
	hostsKey  struct{}
	secureKey struct{}
)

// Host returns host and port as the client wrote them (Django: HttpRequest.get_host). It was checked if [Hosts] has run.
func Host(c *pipeline.Ctx) string {
	return string(hostsOf(c).host(c))
}

// Port returns the port that the client connected to (Django: HttpRequest.get_port): X-Forwarded-Port if Hosts believes
// it, or else that of the connection; "0" for a unix socket.
func Port(c *pipeline.Ctx) string { return portOf(hostsOf(c), c) }

func hostsOf(c *pipeline.Ctx) *Hosts {
	h, _ := c.Get(hostsKey{}).(*Hosts)
	return h
}

func portOf(m *Hosts, c *pipeline.Ctx) string {
	if m != nil && m.UseXForwardedPort {
		if port := c.Header("X-Forwarded-Port"); port != "" {
			return port
		}
	}
	return strconv.Itoa(int(c.Local().Port()))
}

func defaultPort(c *pipeline.Ctx) string {
	if Secure(c) {
		return "443"
	}
	return "80"
}

// Secure tells whether the client uses https (Django: HttpRequest.is_secure): what the proxy in front said if [Security]
// believes it, or else whether the connection is encrypted.
func Secure(c *pipeline.Ctx) bool {
	if secure, ok := c.Get(secureKey{}).(bool); ok {
		return secure
	}
	return c.Secure()
}

// Scheme returns "https" or "http"; see Secure.
func Scheme(c *pipeline.Ctx) string {
	if Secure(c) {
		return "https"
	}
	return "http"
}

// FullPath returns path and query that the client asked for, percent-encoded anew so that it may stand in a field or a link
// (Django: HttpRequest.get_full_path). It is not normalised, and middleware that rewrites the path does not change it.
func FullPath(c *pipeline.Ctx) string { return fullPath(c, false) }

// fullPath is FullPath, with a "/" added to the path if slash says so and it has none.
func fullPath(c *pipeline.Ctx, slash bool) string {
	path := router.EscapePath(router.DecodePath(string(c.RawPathBytes())))
	if slash && !strings.HasSuffix(path, "/") {
		path += "/"
	}
	if query := c.QueryBytes(); len(query) > 0 {
		path += "?" + router.EscapeQuery(string(query))
	}
	return path
}

// AbsoluteURI returns location as an absolute URI, relative to the one of the request; that one for "" (Django:
// HttpRequest.build_absolute_uri). A location that is no URI is returned as it is.
func AbsoluteURI(c *pipeline.Ctx, location string) string {
	origin := Scheme(c) + "://" + Host(c)
	if location == "" {
		return router.AbsoluteURI(origin, FullPath(c))
	}
	ref, err := url.Parse(location)
	if err != nil || ref.IsAbs() {
		return location
	}
	if strings.HasPrefix(location, "/") && ref.Host == "" {
		return router.AbsoluteURI(origin, location)
	}
	base, err := url.Parse(router.AbsoluteURI(origin, FullPath(c)))
	if err != nil {
		return location
	}
	return base.ResolveReference(ref).String()
}
