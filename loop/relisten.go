package loop

import (
	"errors"
	"slices"
)

// AddListener opens a listener on a Loop that runs. It accepts as soon as the reactors hear of it. Any goroutine may call
// it.
func (l *Loop) AddListener(spec ListenSpec) (*Listener, error) {
	if l.state.Load() != stateRunning {
		return nil, errors.New("loop: AddListener on a loop that does not run")
	}
	lst, err := openListener(spec, len(l.reactors))
	if err != nil {
		return nil, err
	}
	acceptors := make([]*acceptor, len(l.reactors)) // all count as users before the first may leave
	for i := range acceptors {
		acceptors[i] = &acceptor{lst: lst, fd: lst.fdFor(i), open: true}
	}
	for i, r := range l.reactors {
		r.Post(func() { r.listen(acceptors[i]) })
	}
	l.listenMu.Lock()
	l.listeners = append(slices.Clone(l.listeners), lst)
	l.listenMu.Unlock()
	return lst, nil
}

// listen begins to accept on a.
func (r *Reactor) listen(a *acceptor) {
	if r.draining || r.stopped {
		if r.failed {
			a.lst.desert(a.fd)
		}
		a.lst.leave(a.fd)
		return
	}
	r.listeners = append(r.listeners, a)
	if err := r.poller.addLevel(a.fd); err != nil {
		r.loop.log.Error("listener cannot be polled", "listener", a.lst.String(), "reactor", r.index, "error", err)
	}
}

// RemoveListener stops accepting on a listener and closes it, after what has connected so far was accepted. Its
// connections go on. Any goroutine may call it.
func (l *Loop) RemoveListener(lst *Listener) {
	l.listenMu.Lock()
	l.listeners = slices.DeleteFunc(slices.Clone(l.listeners), func(x *Listener) bool { return x == lst })
	l.listenMu.Unlock()
	for _, r := range l.reactors {
		r.Post(func() { r.unlisten(lst) })
	}
}

// unlisten stops accepting on a listener.
func (r *Reactor) unlisten(lst *Listener) {
	for i, a := range r.listeners {
		if a.lst != lst {
			continue
		}
		for a.open && !a.rests && r.accept(a) > 0 { // whoever has connected is served
		}
		a.close(r)
		r.listeners = slices.Delete(r.listeners, i, i+1)
		return
	}
}
