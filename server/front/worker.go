package front

import (
	"context"
	"os"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/master"
)

// worker serves a Plan in a process of the master; see master.Worker.
type worker struct {
	plan   *Plan
	server *server.Server
	// unpublish ends the goroutine that publishes the worker's numbers, which closes published; nil without one.
	unpublish func()
	published chan struct{}
}

// Serve begins to serve on the sockets.
func (w *worker) Serve(sockets []master.Socket) error {
	cfg := w.plan.Server
	cfg.Specs = nil
	for _, s := range sockets {
		for _, f := range s.Files {
			spec := loop.ListenSpec{Addr: s.Listen.Address, File: f}
			for _, a := range w.plan.bound() {
				if a.addr == spec.Addr {
					spec.SendTimeout, spec.ResetTimedOut, spec.SendChunk = a.def.sendTimeout, a.def.resetTimedOut, a.def.sendChunk
				}
			}
			cfg.Specs = append(cfg.Specs, spec)
		}
	}
	if len(cfg.Specs) == 0 {
		return nil // a configuration without http is allowed, and serves nothing
	}
	s, err := server.New(cfg)
	if err != nil {
		return err
	}
	w.server = s
	if w.plan.Runtime.meter != nil {
		w.beginPublishing()
	}
	if err := s.Start(); err != nil {
		return err
	}
	go func() {
		if s.Wait() != nil { // the log has why; the master starts another process, and nobody waits for this one meanwhile
			os.Exit(1)
		}
	}()
	return nil
}

// Requests is the number of requests so far.
func (w *worker) Requests() uint64 {
	if w.server == nil {
		return 0
	}
	return w.server.Stats().Requests
}

// Reopen opens the log files anew.
func (w *worker) Reopen() error { return w.plan.Runtime.Reopen() }

// Quit lets requests in flight finish.
func (w *worker) Quit(ctx context.Context) error {
	w.plan.Runtime.handOver()
	var err error
	if w.server != nil {
		err = w.server.Shutdown(ctx)
	}
	if w.unpublish != nil {
		w.unpublish()
		<-w.published
	}
	w.plan.Runtime.Close()
	return err
}
