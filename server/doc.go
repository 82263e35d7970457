// Package server is the composition root: it joins the loop, the HTTP/1 parser and the pipeline to a web server.
//
// Read session.go first: it is the page where bytes become requests and requests become bytes.
//
//	loop.Conn ──Data──▶ session ──Parse──▶ exchange (one request) ──Chain.Run──▶ response ──▶ loop.Conn's out queue
//	                                          │ needs a worker: the connection is lent
//	                                          └──▶ workers ──▶ Chain.Run ──▶ response ──▶ socket, directly
//
// A [Server] is made of a [Config] and runs one [Runtime] at a time: the immutable, compiled form of the configuration,
// behind one atomic pointer.
//
// # What an idle connection costs
//
// A keep-alive connection between two requests holds its loop.Conn and its session, nothing else: the exchange with its
// pipeline.Ctx, and every buffer, went back to the reactor. Under a slow header each connection holds an exchange as well.
package server
