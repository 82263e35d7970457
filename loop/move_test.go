package loop

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"
)

// wanderer speaks lines on a connection that moves from reactor to reactor. What it hears goes to told.
type wanderer struct {
	told  chan string
	moved chan *Reactor
	conn  *Conn
}

func (w *wanderer) Data(_ *Conn, in []byte) int { w.told <- string(in); return len(in) }
func (w *wanderer) EOF(c *Conn)                 { w.told <- "EOF"; c.Abort(nil) }
func (w *wanderer) Drained(*Conn)               {}
func (w *wanderer) Timeout(_ *Conn, kind uint8) { w.told <- fmt.Sprint("timeout ", kind) }
func (w *wanderer) Idle(*Conn) bool             { return true }
func (w *wanderer) Reclaimed(*Conn)             {}
func (w *wanderer) Connected(*Conn)             { w.told <- "connected" }
func (w *wanderer) Moved(c *Conn)               { w.moved <- c.Reactor() }
func (w *wanderer) Closed(_ *Conn, err error) {
	if err == nil {
		err = io.EOF
	}
	w.told <- "closed: " + err.Error()
}

// wander dials a listener of the test's from the first reactor of l; the result is the other side.
func wander(t *testing.T, l *Loop) (*wanderer, net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	w := &wanderer{told: make(chan string, 10), moved: make(chan *Reactor, 10)}
	on(l, 0, func(r *Reactor) {
		w.conn, err = r.Dial(&DialSpec{Addr: netip.MustParseAddrPort(ln.Addr().String())}, w)
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	w.hears(t, "connected")
	return w, c
}

// on runs f on a reactor and waits for it.
func on(l *Loop, reactor int, f func(r *Reactor)) {
	done := make(chan struct{})
	r := l.Reactors()[reactor]
	r.Post(func() { defer close(done); f(r) })
	<-done
}

func (w *wanderer) hears(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-w.told:
		if got != want {
			t.Fatalf("told %q, want %q", got, want)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("never told %q", want)
	}
}

// move moves the connection from one reactor to another, right after what else is to be done.
func (w *wanderer) move(t *testing.T, l *Loop, from, to int, before ...func(*Reactor)) {
	t.Helper()
	on(l, from, func(r *Reactor) {
		for _, f := range before {
			f(r)
		}
		if !w.conn.Move(l.Reactors()[to]) {
			t.Error("does not move")
		}
	})
	if r := <-w.moved; r != l.Reactors()[to] {
		t.Fatal("moved to another one")
	}
}

// A connection speaks on wherever it is, there and back, and its time-outs are those of the place.
func TestMove(t *testing.T) {
	_, l := run(t, Config{Reactors: 2})
	w, c := wander(t, l)
	in := bufio.NewReader(c)
	armed := uint32(0)
	for i := range 5 {
		w.move(t, l, i%2, (i+1)%2, func(r *Reactor) { // in the tick of the move, so that it cannot pass before
			w.conn.SetTimeout(1, 1)
			armed = r.Ticks()
		})
		_, _ = io.WriteString(c, "to you\n")
		w.hears(t, "to you\n")
		on(l, (i+1)%2, func(*Reactor) { w.conn.Write([]byte("to me\n")) })
		if s, err := in.ReadString('\n'); s != "to me\n" {
			t.Fatalf("%q, %v", s, err)
		}
		var conns [2]int
		for k := range conns {
			on(l, k, func(r *Reactor) { conns[k] = r.Connections() })
		}
		if conns[i%2] != 0 || conns[(i+1)%2] != 1 {
			t.Fatalf("connections of the reactors: %v", conns)
		}
	}
	for _, r := range l.Reactors() { // the last one would have passed in this time
		for ; int32(r.Ticks()-armed) < 4; time.Sleep(Tick / 10) {
		}
	}
	on(l, 1, func(*Reactor) { w.conn.SetTimeout(2, 1) })
	w.hears(t, "timeout 2")
	c.Close()
	w.hears(t, "EOF")
	w.hears(t, "closed: EOF")
}

// What comes while a connection is on its way is told where it arrives.
func TestMoveLosesNothing(t *testing.T) {
	_, l := run(t, Config{Reactors: 2})
	for _, say := range []string{"a line\n", ""} {
		w, c := wander(t, l)
		hold := make(chan struct{})
		l.Reactors()[1].Post(func() { <-hold })
		on(l, 0, func(*Reactor) {
			if !w.conn.Move(l.Reactors()[1]) {
				t.Error("does not move")
			}
		})
		if say != "" {
			_, _ = io.WriteString(c, say)
		}
		c.Close()
		close(hold)
		<-w.moved
		if say != "" {
			w.hears(t, say)
		}
		w.hears(t, "EOF")
	}
}

// A connection that has something to do stays where it is.
func TestMoveOfOneThatIsNotAtRest(t *testing.T) {
	_, l := run(t, Config{Reactors: 2})
	w, c := wander(t, l)
	on(l, 0, func(r *Reactor) {
		w.conn.Write([]byte("output"))
		if w.conn.Move(l.Reactors()[1]) {
			t.Error("moves with output")
		}
	})
	if _, err := io.ReadFull(c, make([]byte, len("output"))); err != nil {
		t.Fatal(err)
	}
	on(l, 0, func(*Reactor) {
		w.conn.Pause()
		if w.conn.Move(l.Reactors()[1]) {
			t.Error("moves while it is paused")
		}
		w.conn.Resume()
	})
	w.move(t, l, 0, 1)
	c.Close()
	w.hears(t, "EOF")
}

// A connection that is moved to a reactor that has ended is closed, and its descriptor with it.
func TestMoveBehindTheEnd(t *testing.T) {
	_, l := run(t, Config{Reactors: 1})
	_, other := run(t, Config{Reactors: 1})
	if err := other.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	before := descriptors(t)
	w, c := wander(t, l)
	on(l, 0, func(*Reactor) {
		if !w.conn.Move(other.Reactors()[0]) {
			t.Error("does not move")
		}
	})
	w.hears(t, "closed: "+ErrDraining.Error())
	if n, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the other side reads %d, %v", n, err)
	}
	if n := descriptors(t); n > before+1 { // this side
		t.Errorf("%d descriptors, want at most %d", n, before+1)
	}
}
