package loop

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"
)

// asleep waits until all reactors sleep.
func asleep(t *testing.T, l *Loop) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !l.sleeps(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("they do not fall asleep")
		}
	}
}

// Reactors with nothing to do stop ticking, and what wakes them finds the time as it is.
func TestReactorsSleep(t *testing.T) {
	_, l := run(t, Config{Reactors: 2})
	for range 2 {
		asleep(t, l)
		var before [2]uint32
		for i, r := range l.reactors {
			before[i] = r.Ticks()
		}
		time.Sleep(1200 * time.Millisecond) // another second on the clock
		for i, r := range l.reactors {
			if now := r.Ticks(); now != before[i] || r.Lag() != 0 {
				t.Errorf("reactor %d has ticked: %d, then %d, and is late by %v", i, before[i], now, r.Lag())
			}
		}
		began := time.Now().Unix()
		on(l, 0, func(r *Reactor) {
			if date := l.clock.Now().Unix; date < began {
				t.Errorf("the clock says %d at %d", date, began)
			}
			if r.Ticks() < before[0]+12 || r.Age(r.Ticks()) > time.Minute {
				t.Errorf("%d ticks, then %d", before[0], r.Ticks())
			}
		})
		say(t, connect(t, l), "awake", "awake")
	}
}

// Who looks at the reactors waits while they sleep, and no longer.
func TestAwaitWork(t *testing.T) {
	_, l := run(t, Config{Reactors: 2})
	done, waited := make(chan struct{}), make(chan bool)
	for range 2 {
		asleep(t, l)
		go func() { waited <- l.AwaitWork(done) }()
		select {
		case <-waited:
			if l.sleeps() {
				t.Error("it does not wait")
			}
		case <-time.After(300 * time.Millisecond):
			on(l, 1, func(*Reactor) {})
			if !<-waited {
				t.Error("it says that it did not wait")
			}
		}
	}
	asleep(t, l)
	go func() { waited <- l.AwaitWork(done) }()
	close(done)
	<-waited
}

// timed is a line whose time-out is told.
type timed struct {
	line
	told chan time.Time
}

func (p *timed) Timeout(*Conn, uint8) { p.told <- time.Now() }

// A time-out wakes the reactor, not before its time, whatever woke the reactor before and however long it has slept.
func TestTimeoutsWakeTheReactor(t *testing.T) {
	p := &timed{told: make(chan time.Time, 1), line: line{r: new(rig)}}
	l, err := New(Config{Reactors: 1})
	if err != nil {
		t.Fatal(err)
	}
	var conn *Conn
	if _, err := l.Listen(ListenSpec{Addr: "127.0.0.1:0", Open: func(c *Conn) Protocol { conn = c; return p }}); err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Drain(context.Background()) })
	c := connect(t, l)
	say(t, c, "here", "here")
	for _, test := range []struct {
		ticks uint32
		woken bool
	}{{1, false}, {sleepAfter - 1, false}, {sleepAfter + 1, false}, {15, false}, {15, true}, {2 * sleepAfter, true}} {
		asleep(t, l)
		var began time.Time
		on(l, 0, func(*Reactor) {
			began = time.Now()
			conn.SetTimeout(1, test.ticks)
		})
		if test.woken {
			asleep(t, l)
			say(t, c, "there", "there")
		}
		if took := (<-p.told).Sub(began); took < time.Duration(test.ticks)*Tick || took > time.Minute {
			t.Errorf("%d ticks, woken %v: %v", test.ticks, test.woken, took)
		}
	}
}

// turning is a line whose time-out gives its connection a turn, in which it sets another one.
type turning struct {
	timed
	left int
}

func (p *turning) Timeout(c *Conn, kind uint8) {
	if p.left--; p.left < 0 {
		p.told <- time.Now()
		return
	}
	c.Pause()
	c.in = append(c.r.mem.Get(8), "again\n"...)
	c.Resume()
}

func (p *turning) Data(c *Conn, in []byte) int {
	c.SetTimeout(1, 2*sleepAfter)
	return len(in)
}

// A time-out that is set in a turn behind the tick is kept, though the reactor has not had an event for long.
func TestTurnBehindATick(t *testing.T) {
	p := &turning{left: 1, timed: timed{told: make(chan time.Time, 1), line: line{r: new(rig)}}}
	_, l := run(t, Config{}, ListenSpec{Addr: "127.0.0.1:0"})
	c := connect(t, l)
	say(t, c, "here", "here")
	on(l, 0, func(r *Reactor) {
		for _, conn := range r.table {
			if conn != nil {
				conn.Speak(p)
				conn.SetTimeout(1, sleepAfter+3) // so near that the reactor does not sleep
			}
		}
	})
	select {
	case <-p.told:
	case <-time.After(time.Minute):
		t.Error("no time-out")
	}
	_ = c.Close()
}

// A loan that outlasts the sleep's delay keeps the reactor awake: its worker asks for the time.
func TestLoanKeepsAwake(t *testing.T) {
	g, l := run(t, Config{})
	hold := make(chan struct{})
	g.hold.Store(&hold)
	c := connect(t, l)
	say(t, c, "lend", "lent")
	before := l.reactors[0].Ticks()
	time.Sleep(3 * sleepAfter * Tick)
	if l.sleeps() || l.reactors[0].Ticks() == before {
		t.Error("it sleeps")
	}
	close(hold)
	asleep(t, l)
	say(t, c, "awake", "awake")
}

// The next slot of a wheel is the first with a connection.
func TestNextSlot(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	var w wheel
	w.now = rnd.Uint32()
	conns := make([]Conn, 5)
	for range 20000 {
		switch c := &conns[rnd.IntN(len(conns))]; rnd.IntN(3) {
		case 0:
			w.unlink(c)
		case 1:
			w.arm(c, 1, uint32(rnd.IntN(3*wheelSlots)))
		default:
			w.advance(func(*Conn) {})
		}
		want := uint32(0)
		for i := range conns {
			if away := conns[i].due - w.now; conns[i].inWheel && (want == 0 || away < want) {
				want = away
			}
		}
		if got := w.nextSlot(); got != want {
			t.Fatalf("%d ticks, want %d", got, want)
		}
	}
}
