package front

import (
	"context"
	"sync"
	"time"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// background is what a Runtime does besides answering requests, from Open until Close: it resolves the names of servers anew,
// and checks their health.
type background struct {
	tasks  []func(ctx context.Context)
	log    *errlog.Log
	ctx    context.Context
	cancel context.CancelFunc
	all    sync.WaitGroup
	early  sync.WaitGroup // what Open waits for, a little
}

// earlyWait is how long Open waits at most for the first answers about the names of servers, so that a worker process that takes
// over from another one knows where to send requests. (NGINX keeps what it knew in shared memory.)
const earlyWait = time.Second

// add has f run from Open on; it must end when ctx does.
func (g *background) add(f func(ctx context.Context)) { g.tasks = append(g.tasks, f) }

// start runs what was added.
func (g *background) start(log *errlog.Log) {
	g.log = log
	g.ctx, g.cancel = context.WithCancel(context.Background())
	for _, f := range g.tasks {
		g.run(f)
	}
	known := make(chan struct{})
	go func() {
		g.early.Wait()
		close(known)
	}()
	select {
	case <-known:
	case <-time.After(earlyWait):
	}
}

// run runs f until it ends, or the Runtime is closed.
func (g *background) run(f func(ctx context.Context)) {
	if g.ctx.Err() == nil {
		g.all.Go(func() { f(g.ctx) })
	}
}

// stop ends everything, and waits for it.
func (g *background) stop() {
	if g.cancel != nil {
		g.cancel()
		g.all.Wait()
	}
}

// printf writes a line to the error log of the main context.
func (g *background) printf(level errlog.Level, format string, args ...any) {
	if g.log != nil {
		g.log.Printf(level, format, args...)
	}
}
