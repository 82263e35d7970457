// Package proxy passes requests on to other servers: NGINX's proxy, uwsgi, fastcgi, scgi and memcached modules, and what they share, the
// upstream.
//
// # The life of a request
//
//	client ─▶ Handler.Serve ─▶ call: request bytes made once ─▶ peer picked ─▶ link: kept alive, or dialled ─▶ sent
//	                 ▲                                              ▲                                            │
//	                 │ suspended meanwhile                          └── next peer, while nothing was answered ◀──┤
//	                 └──────────── head of the answer ◀── read, decoded ◀───────────────────────────────────────┘
//	Handler.Serve again: fields passed, hidden, rewritten ─▶ response ─▶ body: whole | live | piped
//
// A link is a connection to a peer, on the reactor of the client: nothing of a request crosses threads. A call is one
// request to an upstream with all its tries. It is a state machine of the reactor and never touches the Ctx; what it
// needs of the request was taken before, what it brings is taken when the request is resumed.
//
// # How the body comes to the client
//
//	whole   it came along with the head, is short, and has a length: a response like any other
//	live    the reactor moves it, from one socket's read buffer to the other's send: nothing is copied unless the client is slow
//	piped   a worker reads it: a filter changes it, or it belongs to a subrequest
//
// Backpressure is not reading: a link whose client does not keep up is paused. With buffering it goes on up to the
// configured buffers, then into a temporary file that the kernel sends from; what the file may not hold waits.
//
// # Threads
//
//	call, link, idle pools:  the reactor
//	Ctx:                     who runs the handler: the reactor, or a worker, for whom the call is posted to the reactor
//	pipe:                    both, under its lock
//
// # What is never passed on
//
// Nothing is copied as it came: a request is written from what was parsed, so that two servers cannot read it in two ways;
// hop-by-hop fields (RFC 9110 section 7.6.1) end here, and a response's framing is read strictly and made anew.
package proxy
