package loop

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// onReactor runs f on the goroutine of the loop's first reactor.
func onReactor(t *testing.T, l *Loop, f func(r *Reactor)) {
	t.Helper()
	done := make(chan struct{})
	r := l.Reactors()[0]
	r.Post(func() { f(r); close(done) })
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("the reactor does not run what is posted")
	}
}

// A poller is quick after a busy tick, and not after a lazy one.
func TestQuickWhileBusy(t *testing.T) {
	p := &poller{pause: quickPause}
	p.turns = quickTurns
	if p.tick(); !p.quick || p.turns != 0 {
		t.Errorf("after %d turns: quick %v, turns %d", quickTurns, p.quick, p.turns)
	}
	p.turns = quickTurns - 1
	if p.tick(); p.quick {
		t.Errorf("quick after %d turns", quickTurns-1)
	}
}

// Where Go's scheduler sends no signals, a quick wait that should not have been one would last until the tick, again and again: there
// are none.
func TestNotQuickWithoutSignals(t *testing.T) {
	for godebug, want := range map[string]bool{
		"": true, "gctrace=1": true, "asyncpreemptoff=0": true, "xasyncpreemptoff=1": true, "asyncpreemptoff=x": true, "asyncpreemptoff": true,
		"asyncpreemptoff=1,gctrace=1,asyncpreemptoff=0": true,
		"asyncpreemptoff=1":                             false, "gctrace=1,asyncpreemptoff=1": false, "asyncpreemptoff=0,asyncpreemptoff=1,asyncpreemptoff=x": false,
	} {
		t.Setenv("GODEBUG", godebug)
		p, err := openPoller(nil)
		if err != nil {
			t.Fatal(err)
		}
		p.turns = quickTurns
		if p.tick(); p.quick != want {
			t.Errorf("GODEBUG=%s: quick %v", godebug, p.quick)
		}
		p.close()
	}
}

// A quick wait that was interrupted is followed by a pause, which doubles up to its limit and begins anew when being quick has
// proved right for some time.
func TestQuickPauses(t *testing.T) {
	p := &poller{pause: quickPause}
	busyTicks := func() (n int) {
		for ; !p.quick; n++ {
			p.turns = quickTurns
			p.tick()
		}
		return n
	}
	busyTicks()
	for want := quickPause; want <= quickPauseMax; want = min(2*want, quickPauseMax) {
		p.slow()
		if n := busyTicks(); n != want+1 {
			t.Fatalf("quick again after %d ticks, want %d", n, want+1)
		}
		if want == quickPauseMax {
			break
		}
	}
	for range quickPause + 1 {
		p.turns = quickTurns
		p.tick()
	}
	p.slow()
	if n := busyTicks(); n != quickPause+1 {
		t.Errorf("quick again after %d ticks, want %d", n, quickPause+1)
	}
}

// A load that comes from this process needs the processor that a quick reactor keeps: with one processor a quick wait is always
// wrong. The reactor finds out.
func TestQuickYieldsToGoroutines(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	_, l := run(t, Config{})
	c := connect(t, l)
	var quick, paused bool
	for end := time.Now().Add(20 * time.Second); !paused && time.Now().Before(end); { // less than the time-out of c
		for range 10 {
			say(t, c, "hello", "hello")
		}
		onReactor(t, l, func(r *Reactor) {
			quick = quick || r.poller.quick
			paused = r.poller.rest > 0
		})
	}
	if !paused && !quick {
		t.Skip("this machine is too slow to make a reactor busy")
	}
	if !paused {
		t.Error("the reactor stays quick")
	}
}

// No wake-up is lost, whoever sends it, and one that comes too late does no harm.
func TestWakeUps(t *testing.T) {
	_, l := run(t, Config{Reactors: 2})
	const senders, each = 8, 2000
	var got atomic.Int32
	var all sync.WaitGroup
	for i := range senders {
		all.Go(func() {
			for range each {
				l.Reactors()[i%2].Post(func() { got.Add(1) })
			}
		})
	}
	all.Wait()
	for _, r := range l.Reactors() {
		done := make(chan struct{})
		r.Post(func() { close(done) })
		<-done
	}
	if n := got.Load(); n != senders*each {
		t.Errorf("%d of %d posted functions ran", n, senders*each)
	}
}

// A bell that is rung after its poller was closed does not write to a descriptor that has its number since.
func TestWakeAfterClose(t *testing.T) {
	p, err := openPoller(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.close()
	for { // until the number of the bell is taken
		fd, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if fd >= p.bell {
			break
		}
	}
	p.wake()
	if n, err := unix.Read(p.bell, make([]byte, 8)); err != unix.EAGAIN {
		t.Errorf("read %d bytes, %v", n, err)
	}
}

// Events that were found together have one time; the next ones have a later one, and with it comes the Date line.
func TestNow(t *testing.T) {
	_, l := run(t, Config{Reactors: 1})
	var first, again, next time.Time
	onReactor(t, l, func(r *Reactor) {
		first = r.Now()
		time.Sleep(time.Millisecond)
		again = r.Now()
	})
	onReactor(t, l, func(r *Reactor) {
		next = r.Now()
		if d := r.Clock().Now().Unix; d < next.Unix() {
			t.Errorf("the clock says %d at %d", d, next.Unix())
		}
	})
	if !again.Equal(first) || next.Sub(first) < time.Millisecond {
		t.Errorf("%v, in the same turn %v, in the next %v", first, again, next)
	}
}
