package fasthttpadaptor

import (
	"bytes"
	"sync"

	"github.com/valyala/fasthttp"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Handler makes a fasthttp handler a handler of Wheelpit. It runs on a worker: registered Inline, it goes there by itself.
// The whole request body is read before, up to the limit of the Ctx. Route parameters are user values, as fasthttp's
// routers have it. Requests that ask for an upgrade are fasthttp's entirely; see the package documentation.
func Handler(h fasthttp.RequestHandler) pipeline.Handler {
	upgrades := upgradeServer(h)
	return func(c *pipeline.Ctx) error {
		if !c.OnWorker() {
			return pipeline.ErrOffload
		}
		if asksForUpgrade(c) {
			return takeOver(c, upgrades)
		}
		x := acquire()
		if err := x.fill(c); err != nil {
			x.release()
			return err
		}
		c.OnClose(x.releaseFunc)
		h(&x.ctx)
		return x.answer()
	}
}

// exchange is one request as fasthttp sees it. It is reused.
type exchange struct {
	ctx         fasthttp.RequestCtx
	c           *pipeline.Ctx
	conn        *conn  // one for each request, since it may outlive it
	releaseFunc func() // release, bound once
	lost        bool   // a goroutine of the handler has kept the RequestCtx
}

var exchanges sync.Pool

func acquire() *exchange {
	x, _ := exchanges.Get().(*exchange)
	if x == nil {
		x = new(exchange)
		x.releaseFunc = x.release
	}
	return x
}

// fill makes the RequestCtx of the Ctx. Everything is copied: fasthttp's handlers may keep what they get until they
// return, and some longer.
func (x *exchange) fill(c *pipeline.Ctx) error {
	body, err := c.Body()
	if err != nil {
		return err
	}
	x.c = c
	x.conn = &conn{c: c, local: c.Local(), remote: c.Remote()}
	if c.Secure() {
		x.ctx.Init2(&tlsConn{x.conn}, discard{}, false)
	} else {
		x.ctx.Init2(x.conn, discard{}, false)
	}
	req, head := &x.ctx.Request, c.HeadBytes()
	req.Header.SetMethodBytes(c.Head.MethodSpan.Of(head))
	if c.Head.Minor == 0 {
		req.Header.SetProtocol("HTTP/1.0")
	}
	req.SetRequestURIBytes(c.TargetBytes())
	for i := range c.Head.Fields {
		f := &c.Head.Fields[i]
		req.Header.AddBytesKV(f.Name.Of(head), f.Value.Of(head))
	}
	req.Header.SetHostBytes(c.HostBytes())
	if len(body) > 0 {
		req.SetBody(body)
	}
	if path := c.PathBytes(); !bytes.Equal(x.ctx.Path(), path) {
		req.URI().SetPathBytes(path) // what the request was routed by counts
	}
	for i := range c.Match.NumParams() {
		if name, _, ok := c.Match.ParamAt(i); ok {
			x.ctx.SetUserValue(name, c.Param(name))
		}
	}
	return nil
}

// answer makes the response of the Ctx.
func (x *exchange) answer() error {
	res := &x.ctx.Response
	if late := x.ctx.LastTimeoutErrorResponse(); late != nil {
		res, x.lost = late, true
		x.conn.end()
	}
	if x.ctx.Hijacked() {
		return &pipeline.Error{Status: 501, Message: "fasthttpadaptor: the handler hijacks a request that asked for no upgrade"}
	}
	c, status := x.c, res.StatusCode()
	x.setFields(res)
	switch {
	case !http1.BodyAllowed(status):
		return c.NoContent(status)
	case res.IsBodyStream():
		return c.Stream(status, "", int64(max(res.Header.ContentLength(), -1)), func(s *pipeline.Stream) error {
			return copyStream(s, res)
		})
	case c.Head.Method == http1.MethodHead && len(res.Body()) == 0 && res.Header.ContentLength() > 0:
		return c.Stream(status, "", int64(res.Header.ContentLength()), func(*pipeline.Stream) error { return nil })
	}
	return c.Bytes(status, "", res.Body())
}

// setFields copies the fields, but for what the server decides itself, and trailers. Date is the server's, as in fasthttp.
func (x *exchange) setFields(res *fasthttp.Response) {
	if !res.IsBodyStream() && len(res.Body()) == 0 {
		res.Header.SetNoDefaultContentType(true) // as fasthttp, which sends its default with a body only
	}
	for name, value := range res.Header.All() {
		switch http1.LookupField(name) {
		case http1.ContentLength, http1.TransferEncoding, http1.Date, http1.TrailerField, http1.Connection:
			continue
		case http1.Server:
			_ = x.c.SetHeader("Server", string(value))
			continue
		}
		_ = x.c.AddHeader(string(name), string(value)) // one that is none is left out
	}
	if res.ConnectionClose() {
		x.c.CloseAfter()
	}
}

// release ends the exchange, when the response was sent or dropped.
func (x *exchange) release() {
	if x.conn != nil { // the body could be read
		x.conn.end()
	}
	if x.lost {
		return // the garbage collector's, when the handler's goroutine has ended
	}
	_ = x.ctx.Response.CloseBodyStream()
	x.ctx.Request.Reset()
	x.ctx.Response.Reset()
	x.ctx.ResetUserValues()
	x.ctx.Hijack(nil)
	x.c, x.conn = nil, nil
	exchanges.Put(x)
}
