// Package fasthttpadaptor joins Wheelpit and github.com/valyala/fasthttp, both ways. It is named as fasthttp's own adaptor
// to net/http is.
//
//	Handler(h)       a fasthttp handler answers requests of Wheelpit
//	NewServer(ch)    an application of Wheelpit is a handler of fasthttp's server
//
// # A fasthttp handler on Wheelpit
//
// fasthttp's model is Wheelpit's: a handler fills a response and returns, and a body stream is read afterwards. So the
// handler runs on the worker itself, with a pooled RequestCtx that the request is copied into. A table of handlers is served
// by fasthttp's server and by this one and compared byte for byte. Different is:
//
//   - RequestCtx.Path is the path that the request was routed by. Route parameters are user values.
//   - Date and Server are the server's; trailers are dropped, both ways.
//   - A panic is an error of the handler; fasthttp's own server would end with it.
//   - A body stream shorter than announced is sent as far as it goes, then the connection is closed.
//   - What TimeoutHandler leaves running goes on with its own copy of the request and its addresses; deadlines and early hints
//     fail then. Its RequestCtx is not reused.
//   - Done of a RequestCtx is never closed: fasthttp ends it with its server, not with the client.
//   - RequestCtx.Conn has addresses and deadlines, and takes early hints.
//
// # Hijacking
//
// fasthttp keeps the function given to RequestCtx.Hijack to itself, so no adapter can call it. What can be done: a request
// that asks for an upgrade and has no body is taken over before the handler runs (pipeline.Ctx.Hijack), and a fasthttp
// server reads it again from the connection and answers it. WebSocket packages for fasthttp work that way. The Request
// hooks have run by then, the Response hooks do not reach the response, and the connection ends with it. Hijacking any
// other request is answered 501.
//
// # An application on fasthttp
//
// The head of the request is written out and read as what comes from a client, since the pipeline knows requests as bytes.
// A stream runs on a goroutine of its own, for fasthttp reads bodies behind the handler. What fasthttp does not offer, the
// application does not have: the context does not end with the client, interim responses other than 103 are dropped, and
// Ctx.Hijack, deadlines and full duplex are errors.ErrUnsupported.
//
// # Limits
//
//	request body                 the Ctx's (1 MiB)     fasthttp MaxRequestBodySize 4 MiB
//	time between two writes      60 s, of a connection that was taken over (NGINX send_timeout 60 s)
//	gathered of a stream         4 KiB                 fasthttp 4 KiB
package fasthttpadaptor
