package server

import (
	"log/slog"
	"os"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Config describes a server. The zero value of a field means its default.
type Config struct {
	// Listen are the addresses: "host:port", ":port", "[::1]:port", "unix:/path".
	Listen []string
	// Specs are further addresses, each with options of its own. Open and Shed are the server's to set.
	Specs []loop.ListenSpec
	// Inherited are listening sockets from another process, served beside those of Listen.
	Inherited []*os.File
	// ReusePort gives every reactor a listening socket of its own.
	ReusePort bool
	// Backlog is the listen(2) backlog (NGINX: 511).
	Backlog int
	// DeferAccept wakes the server only when a request has arrived (NGINX: listen ... deferred).
	DeferAccept time.Duration

	// App answers the requests.
	App *pipeline.App
	// Runner answers the requests in place of App, for who composes a server of more than one application.
	Runner Runner
	// Place finds, once for a connection and each Runtime, what Runner wants to know of where it arrived (Carrier.Place),
	// and the policy that a request begins with. It runs on the connection's reactor.
	Place func(*loop.Conn) (any, *Policy)
	// Preface returns what reads the bytes before the first request of a connection, nil for one that begins with its
	// request. It runs on the connection's reactor.
	Preface func(*loop.Conn) PrefaceReader
	// Refuse answers a request that no Runner sees, because its head is broken or a limit is passed. The Runner goes on with one
	// that is not Done.
	Refuse func(c *pipeline.Ctx, status int) pipeline.Outcome
	// Reasons are the reason phrases that differ from RFC 9110's, by status.
	Reasons map[int]string

	// Reactors is the number of event loops; default GOMAXPROCS. MaxConns bounds the connections of each.
	Reactors, MaxConns int
	// Workers bounds the handlers that run at the same time off the reactors, Queue those that wait for a worker; beyond
	// both, requests are answered 503.
	Workers, Queue int

	// HTTP bounds what a request head may be.
	HTTP *http1.Limits
	// MaxBody bounds a request body in bytes.
	MaxBody int64
	// MaxRequests bounds the requests of one connection.
	MaxRequests int

	// HeaderTimeout, BodyTimeout, KeepAlive and SendTimeout bound the phases of a connection. A negative KeepAlive closes
	// every connection after one response.
	HeaderTimeout, BodyTimeout, KeepAlive, SendTimeout time.Duration

	// SlowInline is how long an Inline handler may hold its reactor before a warning names it; negative never warns.
	SlowInline time.Duration

	// ServerName is the value of the Server field; "-" sends none.
	ServerName string
	// AccessLog is told of every request that was answered. It is called on reactors and workers and must not block.
	AccessLog func(*Entry)
	// Log receives what an operator should know.
	Log *slog.Logger
}

// withDefaults fills in what was left out.
func (c Config) withDefaults() Config {
	if c.HTTP == nil {
		lim := http1.DefaultLimits()
		c.HTTP = &lim
	}
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&c.HeaderTimeout, DefaultHeaderTimeout)
	def(&c.BodyTimeout, DefaultBodyTimeout)
	def(&c.KeepAlive, DefaultKeepAlive)
	def(&c.SendTimeout, DefaultSendTimeout)
	def(&c.SlowInline, DefaultSlowInline)
	if c.MaxBody == 0 {
		c.MaxBody = DefaultMaxBody
	}
	if c.MaxRequests <= 0 {
		c.MaxRequests = DefaultMaxRequests
	}
	if c.ServerName == "" {
		c.ServerName = "wheelpit"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
