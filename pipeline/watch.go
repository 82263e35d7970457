package pipeline

import "sync/atomic"

// Watch shows which Inline handler a reactor is in, so that another goroutine can name one that holds it too long. A reactor
// has one for all its requests.
type Watch struct {
	route   atomic.Pointer[Route]
	entered atomic.Uint32 // how many handlers were entered
}

// SetWatch gives c the Watch of its reactor. It stays over Reset.
func (c *Ctx) SetWatch(w *Watch) { c.watch = w }

// enter tells that the reactor is in the handler of r.
func (w *Watch) enter(r *Route) {
	w.entered.Add(1)
	w.route.Store(r)
}

func (w *Watch) leave() { w.route.Store(nil) }

// Look returns the route whose handler the reactor is in, nil for none, and a number that is another one for each time a
// handler is entered. Any goroutine may call it.
func (w *Watch) Look() (*Route, uint32) { return w.route.Load(), w.entered.Load() }
