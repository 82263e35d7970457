package views

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/router"
)

// Located is an object that has a page of its own (Django: get_absolute_url).
type Located interface{ AbsoluteURL() string }

// Redirect answers 302 with a Location that [ResolveURL] makes of to. A target that comes from the client, as in ?next=,
// must pass [LocalURL] first: otherwise the site lends its name to any other (an open redirect).
func Redirect(c *pipeline.Ctx, to any, args ...any) error { return RedirectWith(c, 302, to, args...) }

// RedirectWith is [Redirect] with a status: 301 and 302 (the client may turn POST into GET, and does), 303 (it shall), 307
// and 308 (it must not: method and content are sent again; Django: preserve_request). 301 and 308 are remembered by clients.
func RedirectWith(c *pipeline.Ctx, status int, to any, args ...any) error {
	switch status {
	case 301, 302, 303, 307, 308:
	default:
		return fmt.Errorf("views: %d is no status of a redirect", status)
	}
	raw, err := ResolveURL(c, to, args...)
	if err != nil {
		return err
	}
	location, err := locationOf(raw)
	if err != nil {
		return err
	}
	return c.Redirect(status, location)
}

// ResolveURL makes a URL of to (Django: resolve_url): of a [Located] or a *url.URL its own, of a string the path of the route
// of that name with args, or else the string itself, if it looks like a URL: it has a "/" or a ".". The error wraps
// router.ErrNoReverse.
func ResolveURL(c *pipeline.Ctx, to any, args ...any) (string, error) {
	switch to := to.(type) {
	case Located:
		return to.AbsoluteURL(), nil
	case *url.URL:
		return to.String(), nil
	case string:
		if strings.HasPrefix(to, "./") || strings.HasPrefix(to, "../") {
			return to, nil
		}
		path, err := c.Reverse(to, args...)
		if errors.Is(err, router.ErrNoReverse) && len(args) == 0 && strings.ContainsAny(to, "/.") {
			return to, nil
		}
		return path, err
	}
	return "", fmt.Errorf("views: cannot redirect to a %T", to)
}

// LocalURL tells whether target is a path on the site that served it, so that a redirect to it leads nowhere else: it begins
// with one "/", and has nothing that a browser would read as another host, be it "//host", "/\host" or "/<tab>/host". It is
// stricter than Django's url_has_allowed_host_and_scheme, which takes relative paths and "" too.
func LocalURL(target string) bool {
	if len(target) == 0 || target[0] != '/' || len(target) > 1 && (target[1] == '/' || target[1] == '\\') {
		return false
	}
	return strings.IndexFunc(target, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
}

// schemes are those that a redirect may lead to (Django: HttpResponseRedirectBase.allowed_schemes).
var schemes = []string{"http", "https", "ftp"}

// locationOf makes the value of Location from a URL: what a URL may not hold is percent-encoded (Django: iri_to_uri), and a
// scheme that runs code in the browser, as any unknown one, is a bad request (Django: DisallowedRedirect).
func locationOf(raw string) (string, error) {
	if scheme := schemeOf(raw); scheme != "" && !slices.Contains(schemes, strings.ToLower(scheme)) {
		return "", &pipeline.Error{Status: 400, Suspicious: "DisallowedRedirect",
			Message: "unsafe redirect to URL with scheme " + scheme}
	}
	return router.EscapeQuery(raw), nil
}

// schemeOf returns the scheme of a URL (RFC 3986 section 3.1), "" when it has none.
func schemeOf(raw string) string {
	for i, c := range []byte(raw) {
		switch {
		case c == ':':
			return raw[:i]
		case 'a' <= c|0x20 && c|0x20 <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		default:
			return ""
		}
	}
	return ""
}
