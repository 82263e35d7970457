package loop

import (
	"golang.org/x/sys/unix"
)

// acceptor is one listening socket as one reactor sees it.
type acceptor struct {
	lst    *Listener
	fd     int
	open   bool   // registered with the poller, or resting
	rests  bool   // not registered until the tick below, after running out of descriptors
	until  uint32 // tick
	logged uint32 // tick of the last complaint

	batch int   // how many connections one event takes
	full  int   // events in a row that found them all
	early guess // is a request there as soon as its connection?
}

// A guess predicts a yes or no from the answers before. While it says no, one question in guessRetry is asked all the
// same, to notice that times have changed.
type guess struct {
	score int8 // yes when positive
	since uint8
}

const guessRetry = 32

func (g *guess) yes() bool {
	g.since++
	return g.score > 0 || g.since%guessRetry == 0
}

func (g *guess) learn(was bool) {
	if was {
		g.score = min(g.score+1, 4)
	} else {
		g.score = max(g.score-1, -4)
	}
}

// accept takes waiting connections, a bounded number, and returns how many it took. How many it asks for follows what it
// found: on a quiet server one accept4 an event suffices (the listener is level-triggered, so nothing is forgotten) and
// a second one would only return EAGAIN; in a storm a batch saves wake-ups.
func (r *Reactor) accept(a *acceptor) int {
	for n := range max(a.batch, 1) {
		fd, peer, errno := accept(a.fd)
		switch {
		case errno == 0:
			r.admit(a, fd, peer)
		case errno == unix.EAGAIN:
			a.batch, a.full = n, 0
			return n
		case acceptExhausted(errno):
			a.rest(r, errno)
			return n
		}
		// Anything else (ECONNABORTED, EINTR, network errors that accept(2) lists) concerns one connection.
	}
	n := max(a.batch, 1)
	if a.full++; a.full >= acceptGrow {
		a.batch, a.full = min(2*n, acceptPerEvent), 0
	}
	return n
}

// admit makes a connection of an accepted descriptor, unless the reactor is full.
func (r *Reactor) admit(a *acceptor, fd int, peer peerAddr) {
	if r.conns >= r.loop.cfg.MaxConns && !r.makeRoom() {
		r.stats.Refused.Add(1)
		if len(a.lst.spec.Shed) > 0 {
			_, _ = send(fd, a.lst.spec.Shed, false)
		}
		_ = unix.Shutdown(fd, unix.SHUT_WR)
		closeFd(fd)
		return
	}
	c := r.open(fd, a.lst)
	c.peer, c.unix = peer, a.lst.unix
	r.begin(a, c)
}

// begin gives c its protocol and its first turn. When requests have been arriving with their connections, c is read
// before it is registered with the poller: if the response also ends the connection, epoll_ctl and a wake-up are saved.
func (r *Reactor) begin(a *acceptor, c *Conn) {
	defer r.leave(c)
	r.current = c
	c.proto = c.lst.spec.Open(c)
	if c.outEdges = a.early.yes(); c.outEdges { // its socket may be full before it is registered
		c.readable, r.late = true, true
		c.read()
		a.early.learn(c.closed || c.readable || c.heard)
		r.flushDirty()
	}
	if c.closed {
		return
	}
	if err := r.poller.addConn(int(c.fd), c.outEdges); err != nil {
		c.fail(err)
	}
}

// rest stops accepting for a while. The clients wait in the backlog; a listener that stays registered would make the
// reactor spin, one that fails would take the server down for want of one descriptor.
func (a *acceptor) rest(r *Reactor, errno unix.Errno) {
	r.stats.Exhausted.Add(1)
	if !a.rests {
		r.poller.remove(a.fd)
	}
	a.rests, a.until = true, r.wheel.now+Ticks(acceptPause)
	if a.logged == 0 || r.wheel.now-a.logged >= Ticks(logEvery) {
		a.logged = max(r.wheel.now, 1)
		r.loop.log.Error("accept4() failed", "error", errno, "listener", a.lst.String(), "reactor", r.index)
	}
}

// resume registers the listener again when its rest is over.
func (a *acceptor) resume(r *Reactor) {
	if !a.open || !a.rests || int32(r.wheel.now-a.until) < 0 {
		return
	}
	a.rests = false
	if err := r.poller.addLevel(a.fd); err != nil {
		a.rests, a.until = true, r.wheel.now+Ticks(acceptPause)
	}
}

// close stops accepting for good. The socket itself belongs to the Listener.
func (a *acceptor) close(r *Reactor) {
	if a.open {
		a.open = false
		if !a.rests {
			r.poller.remove(a.fd)
		}
		a.lst.leave(a.fd)
	}
}
