package loop

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// failing starts a loop that a reactor is to be taken from.
func failing(t *testing.T, reactors int, spec ListenSpec) (*rig, *Loop) {
	t.Helper()
	l, err := New(Config{Reactors: reactors})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{}
	spec.Addr, spec.Open = "127.0.0.1:0", func(*Conn) Protocol { return &line{r: r} }
	if _, err := l.Listen(spec); err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	return r, l
}

// over ends the loop, and wants the error of the reactor that failed.
func over(t *testing.T, l *Loop) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := l.Drain(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("drain: %v", err)
	}
	if n := l.cfg.Pool.Outstanding(); n != 0 {
		t.Errorf("%d buffers were not given back", n)
	}
}

// A reactor whose poller fails takes its connections with it, one that a worker has included, and no others. Who connects then gets to
// the others, on a listener that is opened later, too.
func TestReactorFails(t *testing.T) {
	for _, spec := range []ListenSpec{{}, {ReusePort: true}} {
		rig, l := failing(t, 2, spec)
		hold := make(chan struct{})
		rig.hold.Store(&hold)
		var open []net.Conn
		lost, own := 0, new(atomic.Int32)
		for i := 0; lost == 0 || lost == len(open); i++ {
			if i == 1000 {
				t.Fatal("a reactor gets no connection")
			}
			c := connect(t, l)
			say(t, c, "hello", "hello")
			say(t, c, "lend", "lent")
			open = append(open, c)
			onReactor(t, l, func(r *Reactor) { lost = r.conns })
		}
		l.Reactors()[0].Post(func() { _ = l.Reactors()[0].poller.file.Close() })
		for end := time.Now().Add(time.Minute); !l.Reactors()[0].ended(); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the reactor goes on")
			}
		}
		close(hold)
		gone := 0
		for _, c := range open {
			_, _ = io.WriteString(c, "hello\n")
			var b bytes.Buffer
			if _, err := io.CopyN(&b, c, 6); err != nil {
				gone++
			}
		}
		if gone != lost || int(rig.closed.Load()) != lost {
			t.Errorf("%+v: %d connections of %d are lost, %d were told so, want %d", spec, gone, len(open), rig.closed.Load(), lost)
		}
		for range 20 {
			say(t, connect(t, l), "hello", "hello")
		}
		added, err := l.AddListener(ListenSpec{Addr: "127.0.0.1:0", ReusePort: spec.ReusePort, Open: func(*Conn) Protocol { own.Add(1); return &line{r: rig} }})
		if err != nil {
			t.Fatal(err)
		}
		l.Reactors()[0].settled() // its socket takes part until it is told of it
		for range 20 {
			c, err := net.Dial("tcp", added.String())
			if err != nil {
				t.Fatal(err)
			}
			_ = c.SetDeadline(time.Now().Add(time.Minute))
			say(t, c, "hello", "hello")
			_ = c.Close()
		}
		if own.Load() != 20 {
			t.Errorf("%+v: %d connections were accepted", spec, own.Load())
		}
		over(t, l)
	}
}

// ended tells whether the reactor's goroutine has done its last work.
func (r *Reactor) ended() bool {
	r.mailMu.Lock()
	defer r.mailMu.Unlock()
	return r.over
}

// settled waits until a reactor that has ended has run what was posted.
func (r *Reactor) settled() {
	for r.hasCalls() {
		time.Sleep(time.Millisecond)
	}
	r.overMu.Lock()
	defer r.overMu.Unlock()
}

// The failure of the last reactor ends the loop: Wait returns it, and clients are refused.
func TestLastReactorFails(t *testing.T) {
	_, l := failing(t, 1, ListenSpec{})
	c := connect(t, l)
	say(t, c, "hello", "hello")
	addr := l.Listeners()[0].String()
	onReactor(t, l, func(r *Reactor) { _ = r.poller.file.Close() })
	if err := l.Wait(); err == nil {
		t.Error("no error")
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection goes on")
	}
	if c, err := net.Dial("tcp", addr); err == nil {
		_ = c.Close()
		t.Error("a client is let in")
	}
	over(t, l)
}
