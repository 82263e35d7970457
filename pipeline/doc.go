// Package pipeline is the request cycle of an application: Request hooks, URL dispatch, View hooks, the handler, Exception
// hooks and Response hooks, as Django has them, walked as flat arrays that were compiled when the application was loaded.
//
//	            outside in                                         inside out
//	request ─▶ [ProcessRequest…] ─▶ resolve ─▶ [ProcessView…] ─▶ handler ─▶ [ProcessException…] ─▶ [ProcessResponse…] ─▶ wire
//	                  │ answered                      │ answered                │ error                     ▲
//	                  └───────────────────────────────┴───────────────── converted to a response ───────────┘
//
// # Terms
//
// A hook is a method of a middleware; a [Chain] is a compiled application; a step is one hook in a flat array; a layer is
// the place of a middleware in the onion, 0 the outermost. A [Handler] answers by setting the response of its [Ctx]; it
// has answered when it did so, whatever it returns; an error (or a panic) enters the Exception hooks.
//
// # Where code runs
//
// A handler runs on a worker goroutine, where it may block, unless its route is registered Inline: then it runs on the
// reactor, must not block, and costs no hand-over. Hooks are the other way round: they run where the request is, unless
// they say NeedsWorker. [Chain.Run] stops before the first step that needs a worker and is called again there.
//
// # Lifetime
//
// A Ctx and everything reached through a method whose name ends in Bytes is valid until the handler has returned (for a
// stream: until its function has). Strings are copies and may be kept. Under -tags invariants released memory is
// overwritten, so a test finds a view that was kept. A hook may use its views until it returns, and not keep them for a later
// one: the bytes of a request move when it goes to a worker. What its response shows of them moves along.
//
// # Where the code is
//
// routes.go and app.go put an application together, chain.go compiles it, run.go and core.go walk it, convert.go makes responses of
// errors, signal.go and log.go tell others. ctx.go, request.go, response.go, body.go, stream.go and render.go are what a
// handler sees. Packages on top: middleware (what is built in), views (classes, shortcuts), bind (requests into structs),
// debugpage, nethttp and fasthttp adapters, pipelinetest (tests without a socket), conformance (what real Django answers).
//
// # Where it differs from Django
//
// The rules of hooks, errors and dispatch are Django 5.2's and are replayed from its own answers (see conformance). Where Go,
// or HTTP, asks for something else, this is what differs, with the numbers of the rules:
//
//   - A hook or handler answers by setting the response of its Ctx, and returns an error. None is no value here, so what
//     Python makes of a hook that returns None (H25) does not exist; a handler without an answer is an error as in Django (H16).
//     Fields that were set before an answer stay on it, as Go programmers expect; a hook that replaces a response calls
//     [Ctx.ClearResponse] first.
//   - A panic is an error like any other, with its stack (H23). [Abort] is what SystemExit is: no hook, no response.
//   - A deferred response that nobody rendered is rendered when it is sent, where Django fails (H18). A template hook that
//     puts a plain response in the place of a deferred one has rendered it, where Django fails (H17).
//   - HEAD, 204, 304 and 1xx never have a body on the wire (H31). Routes for GET answer HEAD.
//   - Function-style middleware runs on a worker, because what runs within it cannot be left half way.
//   - There is no adaptation between sync and async (H33); ATOMIC_REQUESTS (H30) is any [ViewWrapper].
//   - The path is the one NGINX makes: percent-decoded once, dot segments resolved, slashes merged; Django keeps them (U14).
//     One value for routing, access rules and files leaves nothing to smuggle past.
//   - Routes of one path that differ in their methods are looked at together, and what no route takes is 405 with Allow;
//     Django's first match decides. First declared wins all the same.
//   - int parameters are 64 bits wide; a larger number is no match (U3). Regular expressions are Go's: no look-around, no
//     back-references, classes of ASCII (U10). A literal "%" and inline flags can be reversed, which Django refuses (U13).
//   - Middleware that is not used is logged when there is a Logger and Debug is set (H2). Without a Logger, 4xx are not
//     logged at all: on a public server they are anybody's to write.
//   - What built-in middleware does differently stands in the documentation of package middleware, what views do in that of
//     package views; both name what the vectors show: a weight of zero refuses gzip (M8).
package pipeline
