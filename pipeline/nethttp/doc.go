// Package nethttp joins Wheelpit and net/http, both ways.
//
//	Handler(h)       a net/http handler answers requests of Wheelpit
//	Middleware(mw)   a net/http middleware stands around handlers of Wheelpit
//	NewServer(ch)    an application of Wheelpit is an http.Handler of net/http's server
//
// # A handler that writes while it runs
//
// A handler of Wheelpit returns, then the Response hooks run, then the response is sent. A net/http handler may send
// while it runs, and does not say beforehand whether it will. So that the hooks always come before the first byte, it runs on
// a goroutine of its own, the runner, while the worker waits; at any time one of the two has the Ctx:
//
//	worker  ── request ──▶ │ waits         │ answer of ≤ 2 KiB ──▶ hooks ──▶ sent
//	                       ▼               ▲
//	runner             ServeHTTP ──────────┤ returned
//	                       │               ▼ first flush, or the buffer is full
//	worker                 │ waits     hooks, head, stream function ──▶ │ waits ──▶ last chunk
//	                       ▼                                 │          ▲
//	runner             open() waits ◀────────────────────────┘ Stream   │ returned
//	                       └── writes to the Stream itself, held back as the client is slow
//
// There is one handover and no copying: behind it the handler writes to the client directly. Runners are parked between two
// requests. Measured with an empty handler on one processor (of two), a call costs 1.0 as a plain call, 1.0 as a switch to
// a parked coroutine (iter.Pull), 1.8 as a handover to a parked goroutine (0.25 µs more), 5.3 as a new goroutine or a new
// coroutine, whose stacks have to grow. The coroutine is not used all the same: a switch to or from a goroutine that
// called runtime.LockOSThread ends the process, and so would a Flush from another goroutine than the handler's, which is
// what httputil.ReverseProxy's FlushInterval does. To run the handler on the worker itself is not possible either: when
// its buffer is full, the hooks would have to run in frames of the stack that lie below it.
//
// # What a handler sees
//
// As under net/http's own server; a table of handlers is served by both and compared byte for byte. Different is:
//
//   - URL.Path is the path that the request was routed by: normalised, and rewritten when a hook did so. RequestURI is as
//     it was sent.
//   - Header holds what hooks have set already. Date and Server are the server's; trailers are dropped, both ways.
//   - A panic becomes an error of the handler (a *pipeline.PanicError), so that the Exception hooks and error pages of the
//     application see it, unless something was sent. http.ErrAbortHandler closes the connection, as there.
//   - The body is bounded (pipeline.Ctx.SetBodyLimit): beyond that, reading it is an *http.MaxBytesError.
//   - A response without a body, to HEAD or with 204 or 304, is sent when the handler returns, not when it flushes.
//   - A handler that writes more than the Content-Length it declared gets http.ErrContentLength, and the connection, whose
//     framing is right, stays open.
//   - An HTTP/1.0 client is answered with "HTTP/1.1" (RFC 9112 section 2.3), and its connection is closed.
//   - The http.Server in the context is an empty one. A status over 599 is sent as 500.
//
// # A middleware around
//
// Middleware(mw) runs mw as such a handler, with the handler of Wheelpit in its place as what is next. That one answers
// its Ctx as ever; its response, streams included, is then written to the ResponseWriter that mw handed on, and what arrives
// at the other end becomes the response of the Ctx, for the hooks further out. Meanwhile Ctx.Context is the context of the
// request as mw passed it on. A middleware that lets the handler run on another goroutine and does not wait for it
// (http.TimeoutHandler) is waited with: the handler uses the Ctx.
//
// # An application on net/http
//
// NewServer(ch) makes the head of an HTTP/1.1 request of the http.Request, and reads that as it reads what came from a
// client: the pipeline knows requests as bytes, and the grammar is checked once more. Interim responses, streams, hijacking,
// deadlines and full duplex are passed through; an error in a stream cuts the connection. OPTIONS * never reaches a handler of
// net/http. Trailers are dropped, both ways. Files are copied, not sent by the kernel.
//
// # Limits
//
//	body that gets a Content-Length by itself      2 KiB     net/http 2 KiB
//	unread body dropped to keep the connection     256 KiB   net/http 256 KiB
//	handlers at a time                             the server's workers
package nethttp
