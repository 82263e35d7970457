package server

import "time"

// Defaults, with NGINX's beside them. Each can be changed in Config.
const (
	// DefaultHeaderTimeout bounds the time from the first byte of a request to the end of its head
	// (NGINX client_header_timeout: 60s).
	DefaultHeaderTimeout = 60 * time.Second
	// DefaultBodyTimeout bounds the time between two reads of a request body (NGINX client_body_timeout: 60s).
	DefaultBodyTimeout = 60 * time.Second
	// DefaultKeepAlive bounds how long a connection waits for its next request (NGINX keepalive_timeout: 75s).
	DefaultKeepAlive = 75 * time.Second
	// DefaultSendTimeout bounds the time between two successful sends (NGINX send_timeout: 60s).
	DefaultSendTimeout = 60 * time.Second
	// DefaultSlowInline is how long an Inline handler may hold its reactor before a warning names it (NGINX has no such
	// thing: its handlers do not block, or everything stands still).
	DefaultSlowInline = 100 * time.Millisecond
	// DefaultDrain bounds a graceful shutdown (NGINX worker_shutdown_timeout: none).
	DefaultDrain = 30 * time.Second
	// firstRequest is how long a new connection is not idle to a shutdown though no request has come. Its client does not repeat the
	// request that meets a close, as it does on a connection that it has kept. NGINX closes no such connection at all at a quit or
	// reload (only c->idle, which is set behind a response): it waits for client_header_timeout, 60s; net/http waits 5 s.
	firstRequest = 5 * time.Second
	// DefaultMaxBody bounds a request body in bytes (NGINX client_max_body_size: 1m).
	DefaultMaxBody = 1 << 20
	// DefaultMaxRequests bounds the requests of one connection, so that memory that a connection gathers is given back
	// some time (NGINX keepalive_requests: 1000; ours gathers nothing, hence more).
	DefaultMaxRequests = 1 << 30

	// copyBody is the largest response body that is copied behind its head, so that both leave in one piece of memory;
	// a larger one is sent from where it lies.
	copyBody = 4 << 10
	// lastChunkRoom is what a last chunk with its trailer section is expected to take; more costs an allocation.
	lastChunkRoom = 256
	// streamBuffer is how much of a streamed response is gathered before it is sent, and how much of it may wait for a
	// slow client before its writer waits too.
	streamBuffer = 32 << 10
	// freeExchanges bounds the idle exchanges a reactor keeps.
	freeExchanges = 1024
)
