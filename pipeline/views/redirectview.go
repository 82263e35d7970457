package views

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/router"
)

// RedirectView answers every method but TRACE with a redirect (Django's class of that name), or with 410 when there is
// nowhere to lead to.
type RedirectView struct {
	// URL is where it leads. "{name}" and "%(name)s" stand for parameters of the path, encoded so that they stay within the
	// path; "%%" for "%". A parameter must not choose the host, so the first one comes behind a "/".
	URL string
	// Route is, without a URL, the name of a route, which gets the parameters of the path (Django: pattern_name).
	Route string
	// Target, if it is set, chooses instead; "" is 410 (Django: get_redirect_url).
	Target func(c *pipeline.Ctx) (string, error)
	// Permanent makes it 301 instead of 302; PreserveMethod 308 instead of 301 and 307 instead of 302.
	Permanent, PreserveMethod bool
	// QueryString appends the query of the request.
	QueryString bool
}

// Check refuses a URL with parameters that are misspelt or at the wrong place.
func (v *RedirectView) Check() error {
	_, err := expand(v.URL, func(string) (string, error) { return "x", nil })
	return err
}

// Get answers with the redirect; HEAD as well.
func (v *RedirectView) Get(c *pipeline.Ctx) error {
	to, err := v.url(c)
	if err != nil {
		return err
	}
	if to == "" {
		return c.AnswerError(errGone)
	}
	if query := c.QueryBytes(); v.QueryString && len(query) > 0 {
		separator := "?"
		if strings.Contains(to, "?") {
			separator = "&"
		}
		to += separator + string(query)
	}
	location, err := locationOf(to)
	if err != nil {
		return err
	}
	return c.Redirect(v.status(), location)
}

var errGone error = &pipeline.Error{Status: 410}

// Post answers as Get does.
func (v *RedirectView) Post(c *pipeline.Ctx) error { return v.Get(c) }

// Put answers as Get does.
func (v *RedirectView) Put(c *pipeline.Ctx) error { return v.Get(c) }

// Patch answers as Get does.
func (v *RedirectView) Patch(c *pipeline.Ctx) error { return v.Get(c) }

// Delete answers as Get does.
func (v *RedirectView) Delete(c *pipeline.Ctx) error { return v.Get(c) }

// Options answers as Get does.
func (v *RedirectView) Options(c *pipeline.Ctx) error { return v.Get(c) }

func (v *RedirectView) status() int {
	switch {
	case v.Permanent && v.PreserveMethod:
		return 308
	case v.PreserveMethod:
		return 307
	case v.Permanent:
		return 301
	}
	return 302
}

// url returns where the request is led to, "" for nowhere.
func (v *RedirectView) url(c *pipeline.Ctx) (string, error) {
	switch {
	case v.Target != nil:
		return v.Target(c)
	case v.URL != "":
		return expand(v.URL, func(name string) (string, error) { return param(c, name) })
	case v.Route != "":
		r := router.Reverse{Kwargs: c.Params()}
		if len(r.Kwargs) == 0 {
			r.Args = c.Match.Args()
		}
		return c.ReverseWith(v.Route, r)
	}
	return "", nil
}

// param returns a parameter of the path as text; an int without leading zeros, as Django's converter makes it.
func param(c *pipeline.Ctx, name string) (string, error) {
	if n, ok := c.ParamInt(name); ok {
		return strconv.FormatInt(n, 10), nil
	}
	if _, ok := c.ParamValue(name); !ok {
		return "", fmt.Errorf("views: RedirectView: the route has no parameter %q", name)
	}
	return c.Param(name), nil
}

// expand replaces the fields of a URL.
func expand(text string, value func(name string) (string, error)) (string, error) {
	var b strings.Builder
	for rest := text; rest != ""; {
		literal, name, after, err := nextField(rest)
		if err != nil {
			return "", fmt.Errorf("URL %q: %w", text, err)
		}
		b.WriteString(strings.ReplaceAll(literal, "%%", "%"))
		if rest = after; name == "" {
			continue
		}
		if !withinPath(b.String()) {
			return "", fmt.Errorf("URL %q: {%s} could choose the host", text, name)
		}
		v, err := value(name)
		if err != nil {
			return "", err
		}
		b.WriteString(router.EscapePath(v))
	}
	url := b.String()
	if strings.HasPrefix(url, "//") && !strings.HasPrefix(text, "//") { // a value made it a host
		url = "/%2F" + url[2:]
	}
	return url, nil
}

// nextField splits a URL around its first field, "{name}" or "%(name)s"; name is empty when there is none.
func nextField(text string) (literal, name, rest string, err error) {
	i := strings.IndexByte(text, '{')
	j := strings.Index(text, "%(")
	if i < 0 && j < 0 {
		return text, "", "", nil
	}
	from, open, closing := i, "{", "}"
	if i < 0 || j >= 0 && j < i {
		from, open, closing = j, "%(", ")s"
	}
	name, rest, ok := strings.Cut(text[from+len(open):], closing)
	if !ok || name == "" {
		return "", "", "", errors.New("a field must be {name} or %(name)s")
	}
	return text[:from], name, rest, nil
}

// withinPath tells whether what follows the beginning of a URL is part of its path, query or fragment.
func withinPath(beginning string) bool {
	if _, authority, ok := strings.Cut(beginning, "//"); ok && !strings.Contains(authority, "/") {
		return false
	}
	return strings.Contains(beginning, "/")
}
