package fasthttpadaptor

import (
	"bytes"
	"io"
	"net"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// asksForUpgrade tells whether a handler may want the connection. A client that offers HTTP/2 in the clear does not need it.
func asksForUpgrade(c *pipeline.Ctx) bool {
	return c.Head.HasUpgrade && c.Head.Length == 0 && !strings.EqualFold(string(c.HeaderBytes(http1.Upgrade)), "h2c")
}

// upgradeServer is a fasthttp server for connections that are taken over: it answers one request and lets the handler
// hijack, which fasthttp lets nobody else do.
func upgradeServer(h fasthttp.RequestHandler) *fasthttp.Server {
	return &fasthttp.Server{
		Logger: discard{}, NoDefaultServerHeader: true,
		Handler: func(ctx *fasthttp.RequestCtx) {
			h(ctx)
			if !ctx.Hijacked() {
				ctx.SetConnectionClose()
			}
		},
	}
}

// takeOver hands the connection to a fasthttp server, which reads the request again. A hijacked connection goes on in a
// goroutine of fasthttp's; otherwise it is closed behind the response.
func takeOver(c *pipeline.Ctx, s *fasthttp.Server) error {
	head := bytes.Clone(c.HeadBytes())
	nc, unread, err := c.Hijack()
	if err != nil {
		return err
	}
	defer func() {
		if v := recover(); v != nil { // of the handler; fasthttp does not recover
			_ = nc.Close()
			panic(v)
		}
	}()
	_ = s.ServeConn(&replayed{Conn: nc, r: io.MultiReader(bytes.NewReader(append(head, unread...)), nc)})
	return nil
}

// replayed is a connection whose first bytes were read before.
type replayed struct {
	net.Conn
	r io.Reader
}

// Read reads those first.
func (r *replayed) Read(p []byte) (int, error) { return r.r.Read(p) }
