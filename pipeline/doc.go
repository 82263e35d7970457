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
// overwritten, so a test finds a view that was kept.
package pipeline
