package views

// Hot: what the decorators return runs for every request; no allocation unless a response has to be merged with.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// NeverCache has nobody keep the response (Django: never_cache): Expires is now, and Cache-Control "max-age=0, no-cache,
// no-store, must-revalidate, private".
func NeverCache(next pipeline.Handler) pipeline.Handler {
	decorated := CacheControl("max-age=0", "no-cache", "no-store", "must-revalidate", "private")(next)
	if unfit(decorated) {
		return decorated
	}
	return func(c *pipeline.Ctx) error {
		if err := decorated(c); err != nil || !c.Answered() || c.ResponseHeader("Expires") != "" {
			return err
		}
		_, now := c.Transport().Date()
		return c.SetHeaderBytes("Expires", now[:])
	}
}

// CacheControl adds directives to Cache-Control ("public", "max-age=3600"; Django: cache_control). Those that the handler has
// set stay unless they are the same or contrary ones: of two max-age the smaller counts, and of public and private the one
// given here. An error of the handler is passed on without them.
func CacheControl(directives ...string) Decorator {
	var list cacheControl
	for _, text := range directives {
		d, ok := parseDirective(text)
		if !ok {
			return refuse(fmt.Errorf("views: CacheControl: %q is no directive", text))
		}
		list = append(list, d)
	}
	text := list.String()
	return func(next pipeline.Handler) pipeline.Handler {
		if unfit(next) {
			return next
		}
		return func(c *pipeline.Ctx) error {
			if err := next(c); err != nil || !c.Answered() {
				return err
			}
			if own := c.ResponseHeader("Cache-Control"); own != "" {
				return c.SetHeader("Cache-Control", merge(own, list))
			}
			return c.SetHeader("Cache-Control", text)
		}
	}
}

// directive is one of Cache-Control's (RFC 9111 section 5.2); a value is kept as it was written, quotes included.
type directive struct{ name, value string }

// cacheControl are the directives of a field in order.
type cacheControl []directive

// parseDirective parses name [ "=" value ]; the name is made lower case.
func parseDirective(text string) (directive, bool) {
	name, value, has := strings.Cut(text, "=")
	name = strings.ToLower(strings.TrimSpace(name))
	value = strings.TrimSpace(value)
	ok := http1.ValidFieldName(name) && http1.ValidFieldValue(value) && (value != "") == has
	return directive{name, value}, ok
}

// String is the value of the field.
func (l cacheControl) String() string {
	texts := make([]string, len(l))
	for i, d := range l {
		if texts[i] = d.name; d.value != "" {
			texts[i] += "=" + d.value
		}
	}
	return strings.Join(texts, ", ")
}

// merge adds directives to a field value.
func merge(own string, added cacheControl) string {
	var list cacheControl
	for elem, rest := http1.NextToken([]byte(own)); len(elem) > 0; elem, rest = http1.NextToken(rest) {
		if d, ok := parseDirective(string(elem)); ok {
			list = list.with(d)
		}
	}
	for _, d := range added {
		list = list.with(d)
	}
	return list.String()
}

// with returns l with d, which replaces one of the same name.
func (l cacheControl) with(d directive) cacheControl {
	contrary := map[string]string{"public": "private", "private": "public"}[d.name]
	l = slices.DeleteFunc(l, func(own directive) bool { return own.name == contrary })
	i := slices.IndexFunc(l, func(own directive) bool { return own.name == d.name })
	if i < 0 {
		return append(l, d)
	}
	if d.name != "max-age" || seconds(d.value) < seconds(l[i].value) {
		l[i] = d
	}
	return l
}

// seconds is the value of a max-age; what is no number is 0, which caches are told to take it for (RFC 9111 section 4.2.1).
func seconds(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
