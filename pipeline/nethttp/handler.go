package nethttp

import (
	"net/http"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Handler makes a net/http handler a handler of Wheelpit. It runs on a worker: registered Inline, it goes there by itself.
// What h sees and may do is described in the package documentation.
func Handler(h http.Handler) pipeline.Handler {
	return func(c *pipeline.Ctx) error {
		if !c.OnWorker() {
			return pipeline.ErrOffload
		}
		x, err := newExchange(c)
		if err != nil {
			return err
		}
		return x.serve(h)
	}
}

// HandlerFunc is Handler for a function.
func HandlerFunc(h func(http.ResponseWriter, *http.Request)) pipeline.Handler {
	return Handler(http.HandlerFunc(h))
}

// serve runs h on a runner and waits until it has returned or wants its response to be sent while it runs.
func (x *exchange) serve(h http.Handler) error {
	x.handler = h
	x.runner = acquireRunner()
	x.runner.work <- x
	if <-x.runner.events == wantsStream {
		x.c.OnClose(x.abandon) // a Response hook may drop the stream
		return x.c.Stream(x.status, "", x.length, x.pump)
	}
	return x.finish()
}

// run is the runner's part. Whatever way the handler ends, the worker is told.
func (x *exchange) run() {
	defer func() {
		if v := recover(); v != nil {
			x.panicked, x.failure = v, pipeline.RecoveredPanic(v)
		} else if !x.returned { // runtime.Goexit ends the runner, too
			x.panicked, x.runner.ended = http.ErrAbortHandler, true
		}
		x.runner.events <- returned
	}()
	x.handler.ServeHTTP(x, x.request)
	x.returned = true
}

// finish makes the response of a handler that returned before any of it was sent.
func (x *exchange) finish() error {
	x.end()
	x.mu.Lock()
	defer x.mu.Unlock()
	defer x.release()
	if x.hijacked {
		return nil // who hijacks answers himself
	}
	if x.panicked != nil {
		return x.panic()
	}
	if x.cause != nil && !x.wroteHeader {
		return x.cause
	}
	return x.complete()
}

// panic goes on with the handler's panic: ErrAbortHandler cuts the connection, anything else is an error of the handler.
func (x *exchange) panic() error {
	switch x.panicked {
	case http.ErrAbortHandler, aborted:
		pipeline.Abort()
	}
	return x.failure
}

// aborted is what pipeline.Abort panics with, for a Wheelpit handler within a net/http middleware.
var aborted = func() (v any) {
	defer func() { v = recover() }()
	pipeline.Abort()
	return nil
}()

// pump is the stream function of a response that began while its handler was running. The Response hooks are through: the
// handler gets the stream and writes to it itself, until it returns.
func (x *exchange) pump(s *pipeline.Stream) error {
	x.pumped = true
	x.runner.resume <- s
	<-x.runner.events
	x.end()
	x.mu.Lock()
	defer x.mu.Unlock()
	defer x.release()
	switch {
	case x.hijacked:
		return nil
	case x.panicked == http.ErrAbortHandler, x.panicked == aborted:
		return pipeline.ErrClientGone // which nobody logs
	case x.panicked != nil:
		return x.failure
	}
	err := x.buf.Flush()
	if err == nil && x.length >= 0 && x.written < x.length {
		_ = s.Flush()
		err = errShort
	}
	return err
}

// abandon ends a handler whose stream was dropped: its writes fail, its context ends, and it is waited for, because the
// Ctx goes back when this returns.
func (x *exchange) abandon() {
	if x.pumped {
		return
	}
	x.runner.resume <- nil
	x.cancel(pipeline.ErrClientGone)
	<-x.runner.events
	x.end()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.release()
}

// end ends what other goroutines of the handler may still do: reading the body, setting deadlines, waiting for the context,
// running the handler within a middleware. The files of a form that the handler has parsed are removed, as net/http does.
func (x *exchange) end() {
	x.cancel(nil)
	x.body.end()
	x.deadlines.Lock()
	x.over = true
	x.deadlines.Unlock()
	x.inside.Wait()
	if f := x.request.MultipartForm; f != nil && f != x.form {
		_ = f.RemoveAll()
	}
}

// release gives the buffer and the runner back. A ResponseWriter that is used later answers with an error.
func (x *exchange) release() {
	x.done = true
	if x.buf != nil {
		x.buf.Reset(nil)
		buffers.Put(x.buf)
		x.buf = nil
	}
	releaseRunner(x.runner)
	x.runner = nil
}
