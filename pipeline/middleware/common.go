package middleware

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Common refuses user agents, and redirects to the one form of a URL: with "www." before the host if told so, and with a
// "/" at the end where only that leads to a route (Django: CommonMiddleware). It leaves the host check to [Hosts] and
// Content-Length to the server.
type Common struct {
	// DisallowedUserAgents are regular expressions; a request whose User-Agent one of them is found in is answered 403.
	DisallowedUserAgents []string
	// PrependWWW redirects from hosts that do not begin with "www."; IPv6 addresses stay.
	PrependWWW bool
	// DisableAppendSlash leaves a 404 as it is; otherwise a path that leads to a route when a "/" is added is redirected
	// there with status 301, unless the route is registered with [NoAppendSlash]. In App.Debug a POST, PUT, PATCH or
	// DELETE that would lose its content that way is an error instead.
	DisableAppendSlash bool

	agents []*regexp.Regexp
	debug  bool
}

// noAppendSlash is the Meta key of NoAppendSlash.
const noAppendSlash = "middleware.NoAppendSlash"

// NoAppendSlash is a route option: Common does not redirect to the route (Django: no_append_slash).
func NoAppendSlash(r *pipeline.Route) { pipeline.Meta(noAppendSlash, true)(r) }

// Load compiles the expressions.
func (m *Common) Load(a *pipeline.App) (err error) {
	m.debug = a.Debug
	if m.agents, err = compileAll(m.DisallowedUserAgents); err != nil {
		return err
	}
	if m.PrependWWW {
		return hostsFirst(a, m)
	}
	return nil
}

// ProcessRequest refuses user agents and prepends "www.".
func (m *Common) ProcessRequest(c *pipeline.Ctx) error {
	if len(m.agents) > 0 && c.Head.Has(http1.UserAgent) {
		agent := c.HeaderBytes(http1.UserAgent)
		for _, re := range m.agents {
			if re.Match(agent) {
				return &pipeline.Error{Status: 403, Message: "forbidden user agent"}
			}
		}
	}
	if m.PrependWWW {
		return m.prependWWW(c)
	}
	return nil
}

// prependWWW redirects once for both reasons.
func (m *Common) prependWWW(c *pipeline.Ctx) error {
	host := Host(c)
	if host == "" || host[0] == '[' || c.Head.Form == http1.FormAsterisk || len(host) >= 4 && strings.EqualFold(host[:4], "www.") {
		return nil
	}
	path := ""
	if m.wantsSlash(c) {
		var err error
		if path, err = m.slashed(c, host); err != nil {
			return err
		}
	} else {
		path = FullPath(c)
	}
	return c.Redirect(301, Scheme(c)+"://www."+host+path)
}

// ProcessResponse appends the slash.
func (m *Common) ProcessResponse(c *pipeline.Ctx) error {
	if c.Res().Status != 404 || !m.wantsSlash(c) {
		return nil
	}
	location, err := m.slashed(c, Host(c))
	if err != nil {
		return err
	}
	c.ClearResponse()
	return c.Redirect(301, location)
}

func (m *Common) wantsSlash(c *pipeline.Ctx) bool {
	if m.DisableAppendSlash {
		return false
	}
	r := c.SlashedRoute()
	return r != nil && r.Meta[noAppendSlash] == nil
}

// slashed is the full path with a slash. It never begins with two, which would name another host.
func (m *Common) slashed(c *pipeline.Ctx, host string) (string, error) {
	path := noHost(fullPath(c, true))
	if m.debug {
		switch c.Head.Method {
		case http1.MethodPost, http1.MethodPut, http1.MethodPatch, http1.MethodDelete:
			return "", fmt.Errorf("middleware: %s to a URL that does not end in a slash: a redirect would lose its content; "+
				"send it to %s%s, or set Common.DisableAppendSlash", c.Method(), host, path)
		}
	}
	return path, nil
}

// noHost returns path so that no reader of it takes its beginning for "//host" (Django: escape_leading_slashes), also one that
// removes "." and ".." first.
func noHost(path string) string {
	if path, query, some := strings.Cut(path, "?"); strings.Contains(path, "/./") || strings.Contains(path, "/../") {
		path = strings.ReplaceAll(path, "//", "/%2F")
		if some {
			path += "?" + query
		}
		return path
	}
	if rest, ok := strings.CutPrefix(path, "//"); ok {
		return "/%2F" + rest
	}
	return path
}
