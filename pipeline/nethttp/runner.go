package nethttp

import (
	"runtime"
	"sync"

	"github.com/wheelpit/wheelpit/pipeline"
)

// event is what a runner tells the worker that waits for it.
type event uint8

const (
	returned    event = iota // the handler has returned, or panicked
	wantsStream              // the handler waits for a stream; see exchange.open
)

// runner is a goroutine that runs handlers, one after the other, while the worker that has the request waits. Between two
// it is parked in a pool, where its stack stays grown.
type runner struct {
	work   chan *exchange
	events chan event
	resume chan *pipeline.Stream // nil: the stream was dropped
	ended  bool                  // the goroutine is gone
}

// runners is a pool of parked runners: the goroutine of one that the garbage collector takes out of it ends.
var runners = sync.Pool{New: func() any {
	r := &runner{
		work: make(chan *exchange, 1), events: make(chan event, 1), resume: make(chan *pipeline.Stream, 1),
	}
	go loop(r.work)
	runtime.AddCleanup(r, func(work chan *exchange) { close(work) }, r.work)
	return r
}}

// loop knows only its channel, not its runner, which could never be collected otherwise.
func loop(work chan *exchange) {
	for {
		x, ok := <-work
		if !ok {
			return
		}
		x.run()
	}
}

func acquireRunner() *runner { return runners.Get().(*runner) }

func releaseRunner(r *runner) {
	if !r.ended {
		runners.Put(r)
	}
}
