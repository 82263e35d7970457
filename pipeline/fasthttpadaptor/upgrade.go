package fasthttpadaptor

import (
	"bytes"
	"io"
	"net"
	"strings"
	"time"

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
	r := io.MultiReader(bytes.NewReader(append(head, unread...)), nc)
	_ = s.ServeConn(&replayed{Conn: nc, r: r, timeout: sendTimeout})
	return nil
}

// sendTimeout bounds the time between two writes of a response to a client that does not read (NGINX send_timeout: 60s). No
// limit of Wheelpit's server applies to a connection that was taken over, and the worker is held until it is sent.
const sendTimeout = 60 * time.Second

// replayed is a connection whose first bytes were read before.
type replayed struct {
	net.Conn
	r       io.Reader
	timeout time.Duration // of a write; 0 when the connection was hijacked
}

// Read reads those first.
func (r *replayed) Read(p []byte) (int, error) { return r.r.Read(p) }

// Write writes within the time-out.
func (r *replayed) Write(p []byte) (int, error) {
	if r.timeout > 0 {
		if err := r.Conn.SetWriteDeadline(time.Now().Add(r.timeout)); err != nil {
			return 0, err
		}
	}
	return r.Conn.Write(p)
}

// SetDeadline ends the time-out: fasthttp takes the deadlines away before the function given to Hijack gets the connection.
func (r *replayed) SetDeadline(t time.Time) error {
	r.timeout = 0
	return r.Conn.SetDeadline(t)
}
