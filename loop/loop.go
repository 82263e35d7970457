package loop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wheelpit/wheelpit/pool"
)

// Config is what a Loop is made of. The zero value of each field means its default.
type Config struct {
	// Reactors is the number of event loops; default GOMAXPROCS.
	Reactors int
	// MaxConns bounds the connections of one reactor; more are closed as soon as they are accepted. Default
	// DefaultMaxConns (NGINX worker_connections).
	MaxConns int
	// Pool is where buffers come from; default a new one.
	Pool *pool.Pool
	// Log receives what an operator should know; default discards.
	Log *slog.Logger
	// Setup is called once for each reactor, before it runs, on the goroutine that calls Start.
	Setup func(*Reactor)
}

// Loop is a set of reactors and the listeners they share. Its methods may be called from any goroutine.
type Loop struct {
	cfg       Config
	log       *slog.Logger
	clock     Clock
	started   time.Time
	reactors  []*Reactor
	listenMu  sync.Mutex // guards listeners, a slice that is replaced and never changed once the loop runs
	listeners []*Listener
	queues    sharedQueueList
	running   sync.WaitGroup
	state     atomic.Uint32
	failed    error // of a reactor that could not go on; read after running.Wait
	failMu    sync.Mutex
}

const (
	stateNew = iota
	stateRunning
	stateDraining
	stateStopped
)

// Stats are the counters of one reactor. Any goroutine may load them.
type Stats struct {
	Opened, Closed atomic.Uint64 // connections
	Refused        atomic.Uint64 // connections closed at once because of MaxConns or draining
	Exhausted      atomic.Uint64 // accepts that failed for want of descriptors or memory
	Panics         atomic.Uint64 // panics recovered in callbacks
}

// New makes a Loop; it opens the pollers and does nothing else yet.
func New(cfg Config) (*Loop, error) {
	if cfg.Reactors <= 0 {
		cfg.Reactors = runtime.GOMAXPROCS(0)
	}
	if cfg.MaxConns <= 0 {
		cfg.MaxConns = DefaultMaxConns
	}
	if cfg.Pool == nil {
		cfg.Pool = new(pool.Pool)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	l := &Loop{cfg: cfg, log: cfg.Log, started: time.Now()}
	l.clock.refresh(time.Now())
	for i := range cfg.Reactors {
		r := &Reactor{
			index: i, loop: l, timer: -1, stale: true,
			mem: cfg.Pool.NewLocal(), shared: cfg.Pool, sharedQueues: &l.queues,
			input: make([]byte, readBuffer), scratch: make([]byte, scratchSize),
		}
		var err error
		if r.poller, err = openPoller(r); err != nil {
			l.discard()
			return nil, fmt.Errorf("loop: opening reactor %d: %w", i, err)
		}
		l.reactors = append(l.reactors, r)
	}
	return l, nil
}

// Reactors returns the reactors, in order of their index.
func (l *Loop) Reactors() []*Reactor { return l.reactors }

// Listeners returns the listeners in the order they were added.
func (l *Loop) Listeners() []*Listener {
	l.listenMu.Lock()
	defer l.listenMu.Unlock()
	return l.listeners
}

// Listen opens a listener. It must be called before Start.
func (l *Loop) Listen(spec ListenSpec) (*Listener, error) {
	if l.state.Load() != stateNew {
		return nil, errors.New("loop: Listen after Start")
	}
	lst, err := openListener(spec, len(l.reactors))
	if err != nil {
		return nil, err
	}
	l.listeners = append(l.listeners, lst)
	return lst, nil
}

// Start runs the reactors, each on a goroutine of its own, and returns at once.
func (l *Loop) Start() error {
	if !l.state.CompareAndSwap(stateNew, stateRunning) {
		return errors.New("loop: Start called twice")
	}
	for _, r := range l.reactors {
		for _, lst := range l.listeners {
			a := &acceptor{lst: lst, fd: lst.fdFor(r.index), open: true}
			r.listeners = append(r.listeners, a)
			if err := r.poller.addLevel(a.fd); err != nil {
				return fmt.Errorf("loop: listener %s: %w", lst, err)
			}
		}
		if l.cfg.Setup != nil {
			l.cfg.Setup(r)
		}
	}
	for _, r := range l.reactors {
		stop, err := r.startTimer()
		if err != nil {
			return fmt.Errorf("loop: timer of reactor %d: %w", r.index, err)
		}
		l.running.Add(1)
		go l.run(r, stop)
	}
	return nil
}

func (l *Loop) run(r *Reactor, stopTimer func()) {
	defer l.running.Done()
	err := r.poller.run(r)
	if err != nil {
		r.fail(err)
	}
	r.end()
	stopTimer()
	r.poller.close()
	if err != nil {
		l.log.Error("reactor ended", "reactor", r.index, "error", err)
		l.failMu.Lock()
		l.failed = errors.Join(l.failed, err)
		l.failMu.Unlock()
	}
}

// Wait returns when every reactor has ended, with the errors that ended them. While only some have failed, the others go on, and the
// log has the error.
func (l *Loop) Wait() error {
	l.running.Wait()
	return l.failed
}

// Drain shuts down gracefully: what has connected is accepted, then the listeners close; requests in flight are
// answered, idle connections closed. When ctx ends first, what is left is cut and the error is ctx's.
func (l *Loop) Drain(ctx context.Context) error {
	switch {
	case l.state.CompareAndSwap(stateNew, stateStopped):
		l.discard()
		return nil
	case !l.state.CompareAndSwap(stateRunning, stateDraining):
		return l.Wait()
	}
	for _, r := range l.reactors {
		r.Post(r.drain)
	}
	done := make(chan struct{})
	go func() { l.running.Wait(); close(done) }()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = fmt.Errorf("loop: drain: %w", context.Cause(ctx))
		for _, r := range l.reactors {
			r.Post(r.cut)
		}
		<-done
	}
	l.closeListeners()
	l.state.Store(stateStopped)
	return errors.Join(err, l.failed)
}

// discard gives back what a Loop that never ran holds.
func (l *Loop) discard() {
	l.closeListeners()
	for _, r := range l.reactors {
		r.poller.close()
	}
}

func (l *Loop) closeListeners() {
	for _, lst := range l.Listeners() {
		lst.close()
	}
}

// Ticks converts a duration to ticks, rounded up; a positive duration is at least one.
func Ticks(d time.Duration) uint32 {
	return uint32(min((max(d, 0)+Tick-1)/Tick, 1<<30))
}
