package rival

import (
	"context"
	"fmt"
	"io"
	"log"

	"github.com/valyala/fasthttp"
)

// runFastHTTP serves with fasthttp and its file server, which keeps files open for ten seconds.
func runFastHTTP(ctx context.Context, addr, dir string) error {
	files := (&fasthttp.FS{Root: dir, AcceptByteRange: true}).NewRequestHandler()
	server := &fasthttp.Server{
		Logger: log.New(io.Discard, "", 0),
		Handler: func(c *fasthttp.RequestCtx) {
			if string(c.Path()) != "/hello" {
				files(c)
				return
			}
			c.SetContentType("text/plain")
			c.SetBodyString(FixedAnswer)
		},
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Shutdown() })
	defer stop()
	if err := server.ListenAndServe(addr); err != nil {
		return fmt.Errorf("rival: %w", err)
	}
	return nil
}
