package views

// Hot: what the decorators return runs for every request; no allocation unless a response has to be merged with.

import (
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/router"
)

// Decorator makes a Handler of another one, at load. What [pipeline.Handler.Fault] says of a Handler stays true of the
// decorated one. A Decorator is a middleware, too: App.Use(views.RequireMethods("GET", "HEAD")).
type Decorator = func(next pipeline.Handler) pipeline.Handler

// RequireMethods answers every other method with 405 (Django: require_http_methods).
func RequireMethods(methods ...string) Decorator {
	var set router.Methods
	for _, name := range methods {
		m := router.MethodOf(name)
		if m == router.OTHER {
			return refuse(fmt.Errorf("views: RequireMethods: unknown method %q", name))
		}
		set |= m
	}
	no := notAllowed(strings.Join(methods, ", "))
	return func(next pipeline.Handler) pipeline.Handler {
		if unfit(next) {
			return next
		}
		return func(c *pipeline.Ctx) error {
			if set&(1<<methodOf(c)) == 0 {
				return no(c)
			}
			return next(c)
		}
	}
}

// RequireGet answers every method but GET with 405.
func RequireGet(next pipeline.Handler) pipeline.Handler { return RequireMethods("GET")(next) }

// RequirePost answers every method but POST with 405.
func RequirePost(next pipeline.Handler) pipeline.Handler { return RequireMethods("POST")(next) }

// RequireSafe answers every method but GET and HEAD with 405.
func RequireSafe(next pipeline.Handler) pipeline.Handler { return RequireMethods("GET", "HEAD")(next) }

// refuse decorates every Handler as one that could not be made.
func refuse(err error) Decorator {
	return func(pipeline.Handler) pipeline.Handler { return pipeline.Unfit(err) }
}

// unfit tells whether next must be handed on as it is, so that the application is refused because of it.
func unfit(next pipeline.Handler) bool { return next == nil || next.Fault() != nil }

// methodOf returns the method. Django takes methods in any case, so "get" is GET here, too, although methods are
// case-sensitive (RFC 9110 section 9.1) and hooks that compare them see "get".
func methodOf(c *pipeline.Ctx) http1.Method {
	if c.Head.Method != http1.MethodOther {
		return c.Head.Method
	}
	var upper [8]byte
	name := c.Head.MethodSpan.Of(c.HeadBytes())
	if len(name) > len(upper) {
		return http1.MethodOther
	}
	for i, b := range name {
		if 'a' <= b && b <= 'z' {
			b -= 'a' - 'A'
		}
		upper[i] = b
	}
	return http1.LookupMethod(upper[:len(name)])
}
