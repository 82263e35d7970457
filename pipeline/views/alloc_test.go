//go:build !race && !invariants

package views

import (
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

// What a class or a decorator adds to a request allocates nothing, 405 and OPTIONS included.
func TestClassesAndDecoratorsDoNotAllocate(t *testing.T) {
	hello := []byte("hello")
	fixed := func(c *pipeline.Ctx) error { return c.Static(200, "text/plain", hello) }
	for name, c := range map[string]struct {
		h    pipeline.Handler
		line string
	}{
		"a verb":            {View(&article{}), "GET /"},
		"of a function":     {View(Verbs{Post: fixed}), "POST /"},
		"head":              {View(&article{}), "HEAD /"},
		"options":           {View(&article{}), "OPTIONS /"},
		"not allowed":       {View(&article{}), "PUT /"},
		"an unknown method": {View(&article{}), "PROPFIND /"},
		"lower case":        {View(&article{}), "get /"},
		"required methods":  {RequireSafe(fixed), "GET /"},
		"a method too many": {RequireSafe(fixed), "POST /"},
		"cache control":     {CacheControl("public", "max-age=60")(fixed), "GET /"},
		"not modified":      {Condition(func(*pipeline.Ctx) (string, error) { return `"a"`, nil }, nil)(fixed), "GET /"},
	} {
		app := pipeline.New()
		app.Path("", c.h)
		chain := compiled(t, app)
		ctx := begin(t, c.line, `If-None-Match: "a"`)
		transport, head, path, parsed := ctx.Transport(), ctx.HeadBytes(), ctx.PathBytes(), ctx.Head
		n := testing.AllocsPerRun(100, func() {
			chain.Run(ctx)
			ctx.Reset()
			ctx.Head = parsed
			ctx.Begin(transport, head, path)
			ctx.SetWorker(true)
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
