// Package front makes a checked nginx.conf into listeners and a Runner: the front server an operator knows.
//
//	conf.Config ──Build──▶ [Plan]: listen specs, what main says, and a Runtime
//	                                  │
//	request ─▶ address ─▶ virtual server ─▶ rewrite ─▶ location ─▶ rewrite ─▶ access ─▶ try_files ─▶ content ─▶ filters ─▶ log
//	                            ▲                         ▲            │                    │           │
//	                            └── internal redirect ────┴────────────┴────────────────────┴───────────┘ error_page
//
// Read run.go first: it is the walk through the phases. scope.go has the rules by which a block inherits, location.go how
// a block becomes a location, request.go what is kept for a request.
//
// [Plan.Explain] takes a request through the same phases and tells each decision; explain_walk.go is to be read beside run.go, and
// is compared with it by a test. upstreams.go makes the groups of servers, background.go what goes on beside the requests: names.go
// and healthcheck.go; dynamic.go finds the servers of a name that came with a request. [Plan.Routes] lists what there is to be chosen from. status.go counts requests, where a
// configuration shows the numbers.
//
// # Terms
//
// An address is what listen names; a virtual server is a server block, chosen by the address and by the host of the
// request; a location is a compiled block: a location, the block of an "if" in it, or the server itself for a request that
// no location matches. A phase is a step of the walk above, in NGINX's order. Content is what answers.
//
// # Invariants
//
//   - A Runtime and all it holds do not change; a reload makes another one.
//   - A value is taken from the innermost block that gives it. A directive that may be repeated is inherited as a whole, or
//     not at all when the block has one of its name.
//   - Whatever fails becomes a status, and goes through error_page once (again with recursive_error_pages).
//   - Between two phases a request may move to a worker, and goes on where it was.
//
// # Where it differs from NGINX
//
//   - What is known of the servers of an upstream is memory of one process. A reload hands over what it does in NGINX, the sessions
//     of sticky learn and the addresses of names (handover.go); several worker processes have their own.
//   - health_check and match are NGINX Plus's, for servers of plain HTTP: without type=grpc and require, with Go's expressions.
//   - A proxy_pass with variables keeps the servers of a name from one request to the next; failures of theirs are not counted.
//   - The "#" and what is behind it in a request target is not passed on to upstreams (RFC 9112 section 3.2).
//   - "OPTIONS *" is answered 200 without content: it asks about the server as a whole. The 405 of a file and of the modules that
//     know GET only has a field Allow (RFC 9110 sections 9.3.7 and 15.5.6).
//   - A chunked body that is longer than client_max_body_size by what came along with the head is answered 413, be it read or not.
//   - A 101 is passed on to a client that asked for it only if the location has passed its Upgrade on.
//   - At a quit or reload a connection on which nothing has come is closed when it is 5 s old; NGINX waits for client_header_timeout.
//   - A head that is late is answered 408; NGINX closes the connection without a word.
//   - A response to HTTP/1.0 that has no length and breaks off ends with a reset, so that it is not taken for a whole one; the reset
//     waits until the client has taken what there was, 30 seconds at most.
//   - With max_conns and keepalive, connections to a server that rest count on whichever reactor they rest: those that are too many are
//     closed when a new one is made. NGINX's workers do not know of each other's.
//   - A refusal closes the connection of a client that waits for 100 Continue: it need not send its content then (RFC 9110 section
//     10.1.1), and NGINX takes for content what it sends instead.
//   - A file that mp4 is to cut is refused when it has more than 4096 atoms up to its index and media, or more than 1024 tracks.
//   - The file of a cached answer is written behind the answer, by a goroutine of its own; until then the entry is in memory. An answer
//     in slices waits for those.
//   - A client is not held back by proxy_cache_background_update: NGINX keeps its connection, and what it asks next on that, until
//     the update is done. (Eight of the 34 tests of its proxy_cache_use_stale.t wait for the connection to end.)
//   - An answer that lies in a cache or on disk is compressed as a whole, so its length is known and it does not come in chunks. (Two of
//     the 17 of proxy_cache.t want the chunks, with zlib's bytes in them.)
//   - A response that its upstream breaks off is not complete ($request_completion is empty); for NGINX it is.
//   - post_action runs once, in the background, and does not see what set and captures have given. NGINX repeats one that the server
//     block gives, until a request may not be redirected any more.
//   - A connection that lingers has its own side ended first, so that the client sees the end of the response at once. (With
//     lingering_close off what is left of the content is read first, as in NGINX.)
//   - send_timeout, sendfile_max_chunk and reset_timedout_connection of the default server of an address hold for what its connections
//     send.
//   - A client that closes its side, or leaves, while an upstream is waited for ends the request with 499, as in NGINX. One that
//     closes its side along with its request gets its answer, and one that leaves while a subrequest (auth_request, SSI) is
//     waited for is noticed behind that. NGINX does not end a request whose answer a cache is to have; it loses that answer, too.
//   - Content with a Content-Encoding is left as it is by ssi and sub_filter, too: what they look for is not to be found in it.
//   - A letter that a charset_map does not have is "?" wherever it stands. NGINX leaves those in front of the first one that it has, and
//     loses broken UTF-8 at the end of a buffer.
//   - The words inside an SSI block that stands in for an include see the request of the page; NGINX's, that of the include.
//   - A file that flv begins in its middle has the entity tag of the whole one.
//   - try_files with an empty text at its end is an error of the server; NGINX redirects to the root.
//   - worker_cpu_affinity holds for the process: its reactors share the processors of the masks.
//   - Of access logs whose names have variables, the root of the request is looked at for each line; NGINX keeps what it found before.
//   - The rate of limit_rate is taken when the response begins to leave; what sets it later is too late.
//
// # Limits
//
//	                                      here   NGINX
//	internal redirects of a request       10     10
//	fields of a request head              1000   1000 (max_headers)
package front
