package loop

import (
	"math/rand/v2"
	"testing"
	"time"
)

// The wheel against the naive model: a deadline per connection, looked at every tick.
func TestWheelAgreesWithAModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		var w wheel
		w.now = rnd.Uint32() // wraps around
		conns := make([]Conn, 40)
		due := map[*Conn]uint32{}
		fired := map[*Conn]int{}
		for range 3000 {
			c := &conns[rnd.IntN(len(conns))]
			switch rnd.IntN(10) {
			case 0:
				w.disarm(c)
				delete(due, c)
			case 1:
				w.unlink(c)
				delete(due, c)
			case 2, 3, 4, 5:
				ticks := uint32(rnd.IntN(3 * wheelSlots))
				w.arm(c, 1, ticks)
				due[c] = w.now + max(ticks, 1) + 1
			default:
				want := map[*Conn]bool{}
				for c, at := range due {
					if at == w.now+1 {
						want[c] = true
					}
				}
				w.advance(func(c *Conn) {
					if !want[c] {
						t.Fatalf("fired at %d, due at %d", w.now, due[c])
					}
					delete(want, c)
					delete(due, c)
					fired[c]++
				})
				if len(want) > 0 {
					t.Fatalf("%d did not fire at %d", len(want), w.now)
				}
			}
		}
		if len(fired) == 0 {
			t.Fatal("nothing ever fired")
		}
	}
}

func TestTicks(t *testing.T) {
	for d, want := range map[time.Duration]uint32{0: 0, -1: 0, 1: 1, Tick: 1, Tick + 1: 2, time.Minute: 600, 1 << 62: 1 << 30} {
		if got := Ticks(d); got != want {
			t.Errorf("Ticks(%v) = %d, want %d", d, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	var c Clock
	at := time.Date(1994, 11, 6, 8, 49, 37, 0, time.UTC)
	d := c.refresh(at)
	if d.Unix != at.Unix() || string(d.HTTP[:]) != "Sun, 06 Nov 1994 08:49:37 GMT" {
		t.Errorf("%d %s", d.Unix, d.HTTP)
	}
	if c.refresh(at.Add(900*time.Millisecond)) != d {
		t.Error("rendered again within a second")
	}
	next := c.refresh(at.Add(time.Second))
	if next == d {
		t.Error("not rendered in the next second")
	}
	if c.refresh(at) != next {
		t.Error("back by a second: that is a reactor that was interrupted")
	}
	if c.refresh(at.Add(-time.Second)).Unix != at.Unix()-1 {
		t.Error("the system's time was set back")
	}
}
