package rival

import (
	"context"
	"fmt"
	"io"
	"log"

	"github.com/fasthttp/router"
	"github.com/valyala/fasthttp"
)

// runFastHTTP serves with fasthttp, its usual router, and its file server, which keeps files open for ten seconds.
func runFastHTTP(ctx context.Context, addr, dir string) error {
	routes := router.New()
	fixed := func(c *fasthttp.RequestCtx) {
		c.SetContentType("text/plain")
		c.SetBodyString(FixedAnswer)
	}
	api := func(c *fasthttp.RequestCtx) {
		for _, name := range [...]string{"a", "b", "c"} {
			if s, _ := c.UserValue(name).(string); s == "" {
				c.Error("not found", 404)
				return
			}
		}
		fixed(c)
	}
	for range middlewares {
		next, n := api, new(count)
		api = func(c *fasthttp.RequestCtx) { n.requests++; next(c); n.responses++ }
	}
	routes.GET("/hello", fixed)
	routes.GET("/worker", fixed)
	routes.GET("/api/{a}/b/{b}/c/{c}", api)
	routes.NotFound = (&fasthttp.FS{Root: dir, AcceptByteRange: true}).NewRequestHandler()
	server := &fasthttp.Server{Logger: log.New(io.Discard, "", 0), Handler: routes.Handler}
	stop := context.AfterFunc(ctx, func() { _ = server.Shutdown() })
	defer stop()
	if err := server.ListenAndServe(addr); err != nil {
		return fmt.Errorf("rival: %w", err)
	}
	return nil
}
