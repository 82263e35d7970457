// Package filter is what the response filters of the server share: which content types they look at, what a changed body
// does to the fields that describe it, and content codings.
//
// # The order
//
// A filter is a Response hook (see pipeline.ResponseHook), so the innermost runs first. [Order] says which that is; it is
// the order of NGINX's modules (auto/modules), from the handler to the wire. A response that a filter must not see as a
// whole (a range of it, a 304) has passed the filters before it and is left alone by those behind.
//
//	handler ─▶ slice ─▶ not_modified ─▶ headers ─▶ userid ─▶ gunzip ─▶ sub ─▶ charset ─▶ ssi ─▶ addition ─▶ br, zstd, gzip ─▶ range ─▶ wire
//
// Addition has another place than its module: that of NGINX's postpone filter, where the answers of subrequests join. What it
// adds, and what ssi includes, has passed the filters of its own location and must not pass those of the page.
//
// Files are their own range and not_modified filter (package static), so they must know when a filter changes the body:
// NGINX ignores Range then. Each filter has a method Changes for that.
//
// # Bodies
//
// A body in memory is filtered in memory. One that is a stream is filtered piece by piece, on a worker. One that has
// files in it, or is too large to be worked on by a reactor, becomes a stream: see [Streamed].
//
// # Terms
//
// A coding is a content coding (RFC 9110 section 8.4.1): gzip, br, zstd. A form is a body in a coding that was made once
// and is kept.
package filter

// Order are the filters by the name of their package, from the handler to the wire: of two filters of one location the one
// that comes first here is the inner middleware.
var Order = [...]string{"slice", "headers", "userid", "gunzip", "sub", "charset", "ssi", "addition", "brotli", "zstd", "gzip"}
