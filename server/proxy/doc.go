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
// A link is a connection to a peer, on the reactor of the client: nothing of a request crosses threads. One that rests on another
// reactor is moved to the client's first, when the peer is full or its own reactor does not need it (steal.go). A call is one
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
// # Both ways at once
//
// A body that is not buffered (proxy_request_buffering off) is read and offered by a goroutine of the request, while its worker passes
// the answer on: each direction waits for its own end alone, see feed.go. When the answer is over the rest of the body is not sent, and
// ends the client's connection with lingering. NGINX stops sending the body when the upstream does not take it at once and
// the answer has begun; here it goes on.
//
// # Tunnels
//
// A connection that went over to another protocol (WebSocket) holds no buffer while nothing moves: the client's and the peer's
// record, and what the access log will say of the request. 5,000 of them were measured at 7.4 KiB of resident memory each, 8.7 after
// they had echoed some kilobytes (nginx 1.22.1: 17.7); the
// kernel's buffers come on top, as with any server. A server that shuts down waits for its tunnels (worker_shutdown_timeout).
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
//
// # Limits
//
//	                                  here                                    NGINX
//	head of an answer                 4 KiB, BufferSize                       4k|8k   proxy_buffer_size
//	fields of an answer               1000                                    –
//	interim answers before it         64 KiB; BufferSize of them are passed on  proxy_buffer_size of those passed on
//	answer read ahead in memory       32 KiB, Buffers                         8 4k|8k proxy_buffers
//	answer read ahead in a file       1 GiB, MaxTempFile                      1024m   proxy_max_temp_file_size
//	request body in memory            16 KiB, BodyBuffer; then in a file      8k|16k  client_body_buffer_size
//	left in the pipe of a worker      256 KiB and a piece                     –
//	gathered with its head            32 KiB of body                          –
//	chunk extensions of an answer     64 KiB                                  –
//	idle connections                  32 on each reactor, KeepAlive           32      keepalive
//	wait for one of another reactor   2 ms                                    –
//
// # Where the code is
//
// handler.go begins and ends a request; call.go is what lasts in between, end.go is its end; connect.go, waiting.go, idle.go,
// steal.go and room.go find a connection, tries.go gives it back, link.go is one; request.go, requestfields.go, params.go, content.go and take.go
// write the request, preread.go and feed.go a body that streams; receive.go, records.go and value.go read the answer of each protocol; hints.go passes early hints on; answer.go,
// accel.go and answered.go make the response, trailers.go what follows it; body.go, spill.go, pipe.go and rate.go move its body;
// tunnel.go goes over to another protocol; filling.go, hits.go, storing.go, ranged.go and updating.go ask a cache, answer from it, and
// fill it; vars.go and cachevars.go are the variables, notes.go is what the error log is told.
package proxy
