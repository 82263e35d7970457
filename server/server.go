package server

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pool"
)

// Server serves one application on some addresses. Its methods may be called from any goroutine.
type Server struct {
	cfg     Config // New's or the last Reload's; requests in progress look at runtime
	loop    *loop.Loop
	runtime atomic.Pointer[Runtime]
	workers *pool.Workers[*exchange]
	spares  spares
	stopped sync.Once

	connections atomic.Uint64 // numbers them

	base     context.Context // of all requests
	endBase  context.CancelCauseFunc
	draining chan struct{}
	drain    sync.Once
}

// New compiles the configuration and opens the listeners. It reports all errors at once; on an error nothing stays open.
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	rt, err := compile(cfg)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	s := &Server{cfg: cfg, draining: make(chan struct{})}
	s.base, s.endBase = context.WithCancelCause(context.Background())
	s.runtime.Store(rt)
	if s.loop, err = loop.New(loop.Config{Reactors: cfg.Reactors, MaxConns: cfg.MaxConns, Log: cfg.Log, Setup: s.setup}); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	if err := s.listen(); err != nil {
		_ = s.loop.Drain(context.Background())
		return nil, err
	}
	s.workers, err = pool.NewWorkers(cfg.Workers, cfg.Queue, (*exchange).work, func(v any) {
		cfg.Log.Error("panic on a worker", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	})
	if err != nil {
		_ = s.loop.Drain(context.Background())
		return nil, fmt.Errorf("server: %w", err)
	}
	return s, nil
}

func (s *Server) listen() error {
	var faults []error
	spec := loop.ListenSpec{
		Open: s.open, Backlog: s.cfg.Backlog, ReusePort: s.cfg.ReusePort, DeferAccept: s.cfg.DeferAccept,
		SendTimeout: s.cfg.SendTimeout, Shed: []byte(shedResponse),
	}
	for _, at := range s.cfg.Specs {
		if _, err := s.loop.Listen(s.own(at)); err != nil {
			faults = append(faults, fmt.Errorf("server: %w", err))
		}
	}
	for _, addr := range s.cfg.Listen {
		at := spec
		at.Addr = addr
		if _, err := s.loop.Listen(at); err != nil {
			faults = append(faults, fmt.Errorf("server: %w", err))
		}
	}
	for _, f := range s.cfg.Inherited {
		at := spec
		at.File = f
		if _, err := s.loop.Listen(at); err != nil {
			faults = append(faults, fmt.Errorf("server: %w", err))
		}
	}
	if len(s.cfg.Listen)+len(s.cfg.Inherited)+len(s.cfg.Specs) == 0 {
		faults = append(faults, errors.New("server: no address to listen on"))
	}
	return errors.Join(faults...)
}

// own fills in what the server says of each of its listeners.
func (s *Server) own(spec loop.ListenSpec) loop.ListenSpec {
	spec.Open, spec.Shed = s.open, []byte(shedResponse)
	return spec
}

// shedResponse is what a connection over the limit gets: an answer, at the price of one send.
const shedResponse = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"

// Start begins to serve and returns.
func (s *Server) Start() error {
	if err := s.loop.Start(); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	s.watch()
	return nil
}

// Addrs returns the addresses that were bound, with the ports that were given.
func (s *Server) Addrs() []string {
	var addrs []string
	for _, l := range s.loop.Listeners() {
		addrs = append(addrs, l.String())
	}
	return addrs
}

// Reactors returns the number of event loops.
func (s *Server) Reactors() int { return len(s.loop.Reactors()) }

// Chain returns the compiled application that new requests are served with.
func (s *Server) Chain() *pipeline.Chain { return s.runtime.Load().chain }

// Swap compiles app and serves new requests with it; requests in flight finish with the one before. When app does not
// compile, nothing changes.
func (s *Server) Swap(app *pipeline.App) error {
	cfg := s.cfg
	cfg.App = app
	rt, err := compile(cfg)
	if err != nil {
		return fmt.Errorf("server: %w", err)
	}
	s.runtime.Store(rt)
	return nil
}

// Shutdown stops accepting, lets requests in flight finish and closes idle connections. When ctx ends first, what is left
// is cut and the error says so.
func (s *Server) Shutdown(ctx context.Context) error {
	s.drain.Do(func() { close(s.draining) })
	defer context.AfterFunc(ctx, func() { s.endBase(pipeline.ErrShutdown) })()
	err := s.loop.Drain(ctx)
	s.stopped.Do(func() {
		s.endBase(pipeline.ErrShutdown)
		s.workers.Close()
	})
	if err != nil {
		return fmt.Errorf("server: %w", err)
	}
	return nil
}

// recovered, deferred, tells the operator of a panic in what the application gave the server to call. It must not go further:
// the request is answered, and its connection goes on.
func (s *Server) recovered(what string) {
	if v := recover(); v != nil {
		defer func() { _ = recover() }() // the logger is the application's as well
		s.runtime.Load().log.Error(what, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	}
}

// Wait returns when the server has ended.
func (s *Server) Wait() error { return s.loop.Wait() }

// Serve runs app on addr until ctx ends, then shuts down gracefully within DefaultDrain.
func Serve(ctx context.Context, addr string, app *pipeline.App) error {
	return Run(ctx, Config{Listen: []string{addr}, App: app})
}

// Run runs a server until ctx ends, then shuts it down gracefully within DefaultDrain. It returns earlier, with the error, when none
// of its reactors can go on.
func Run(ctx context.Context, cfg Config) error {
	s, err := New(cfg)
	if err != nil {
		return err
	}
	if err := s.Start(); err != nil {
		return err
	}
	failed := make(chan struct{})
	go func() { _ = s.Wait(); close(failed) }()
	select {
	case <-ctx.Done():
	case <-failed:
	}
	drain, cancel := context.WithTimeout(context.Background(), DefaultDrain)
	defer cancel()
	return s.Shutdown(drain)
}

// reactor is the server's part of a loop.Reactor.
type reactor struct {
	srv   *Server
	loop  *loop.Reactor
	free  []*exchange
	index int
	watch pipeline.Watch

	requests atomic.Uint64 // any goroutine may load it
	counts   counts
	_        [64]byte
}

func (s *Server) setup(r *loop.Reactor) {
	r.Local = &reactor{srv: s, loop: r, index: r.Index()}
}

// open makes the session of a new connection.
func (s *Server) open(c *loop.Conn) loop.Protocol {
	r := c.Reactor().Local.(*reactor)
	session := &session{r: r, conn: c, number: s.connections.Add(1), began: r.loop.Ticks()}
	rt := s.runtime.Load()
	session.find(rt)
	c.SetTimeout(timeHeader, session.policy.header) // for a client that says nothing at all
	if rt.preface != nil {
		session.expectPreface(rt)
	}
	return session
}
