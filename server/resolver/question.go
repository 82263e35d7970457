package resolver

import (
	"context"
	"time"
)

// A question is in progress. Its waiters are guarded by Resolver.mu.
type question struct {
	key     key
	ctx     context.Context
	cancel  context.CancelFunc
	timeout time.Duration // of who asked first
	waiters []*waiter
	live    int // waiters that have not been answered
}

// A waiter is one call of Lookup. Whoever sets answered under Resolver.mu calls done.
type waiter struct {
	done     func(Result)
	timer    *time.Timer
	answered bool
}

// ask joins the question k, or begins it.
func (r *Resolver) ask(k key, timeout time.Duration, done func(Result)) {
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	q := r.pending[k]
	switch {
	case r.closed:
		go done(failure(k.name, TimedOut, r.cfg.Valid))
		return
	case q == nil && len(r.pending) >= MaxQuestions:
		go done(failure(k.name, ServerFailure, r.cfg.Valid))
		return
	case q == nil:
		q = &question{key: k, timeout: timeout}
		q.ctx, q.cancel = context.WithCancel(r.ctx)
		r.pending[k] = q
		r.counts.questions[k.kind].Add(1)
		go func() { r.finish(q, r.resolve(q)) }()
	}
	w := &waiter{done: done}
	w.timer = time.AfterFunc(timeout, func() { r.giveUp(q, w) })
	q.waiters = append(q.waiters, w)
	q.live++
}

// giveUp ends the wait of w, and the question when nobody is left.
func (r *Resolver) giveUp(q *question, w *waiter) {
	r.mu.Lock()
	late := w.answered
	if !late {
		w.answered = true
		if q.live--; q.live == 0 {
			r.forget(q)
		}
	}
	r.mu.Unlock()
	if !late {
		r.counts.timedOut.Add(1)
		w.done(failure(q.key.name, TimedOut, r.cfg.Valid))
	}
}

// forget ends a question. The caller holds mu.
func (r *Resolver) forget(q *question) {
	q.cancel()
	if r.pending[q.key] == q {
		delete(r.pending, q.key)
	}
}

// finish gives everybody who still waits the answer.
func (r *Resolver) finish(q *question, res Result) {
	r.mu.Lock()
	r.forget(q)
	var waiting []*waiter
	for _, w := range q.waiters {
		if !w.answered {
			w.answered = true
			w.timer.Stop()
			waiting = append(waiting, w)
		}
	}
	r.mu.Unlock()
	for _, w := range waiting {
		w.done(res)
	}
}

// resolve answers a question on its goroutine.
func (r *Resolver) resolve(q *question) Result {
	e, code := r.walk(q.ctx, q.key)
	switch {
	case code != 0:
		return failure(q.key.name, code, r.cfg.Valid)
	case q.key.kind == hosts:
		return Result{Name: q.key.name, Addrs: e.inOrder(), Valid: e.valid}
	case q.key.kind == reverse:
		return Result{Name: e.ptr, Valid: e.valid}
	}
	return r.targets(q, e)
}
