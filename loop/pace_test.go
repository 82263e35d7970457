package loop

import "testing"

// A pace is met as NGINX does it: a second's share at once, and one more each second.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		name             string
		rate, free, left int64
		first            uint32 // ticks until the second piece; one of them is under way
		pieces           []int64
	}{
		{"even", 500, 0, 2000, 11, []int64{500, 500, 500, 500}},
		{"rest", 500, 0, 1800, 11, []int64{500, 500, 500, 300}},
		{"free", 500, 700, 1800, 11, []int64{1200, 500, 100}},
		{"short", 500, 700, 1000, 0, []int64{1000}},
		{"slower than a byte a tick", 3, 0, 10, 11, []int64{3, 3, 3, 1}},
		{"fast", maxRate, 0, 3 << 40, 11, []int64{1 << 40, 1 << 40, 1 << 40}},
	} {
		const accepted = 1<<32 - 5 // ticks begin again meanwhile
		now := uint32(accepted)
		p := pace{rate: c.rate, free: c.free, began: now + 1}
		for i, want := range c.pieces {
			n := min(p.allowed(now), c.left)
			if n != want {
				t.Errorf("%s: piece %d has %d bytes, want %d", c.name, i, n, want)
			}
			p.sent += n
			if c.left -= n; c.left == 0 {
				break
			}
			wait, want := p.delay(now), uint32(10)
			if i == 0 {
				want = c.first
			}
			if wait != want {
				t.Errorf("%s: %d ticks behind piece %d, want %d", c.name, wait, i, want)
			}
			now += wait
		}
		if c.left != 0 {
			t.Errorf("%s: %d bytes are left", c.name, c.left)
		}
	}
}

// A client that takes less than it may gets the rest as soon as it can.
func TestPaceOfASlowClient(t *testing.T) {
	p := pace{rate: 1000, began: 11}
	p.sent = 400 // which it took two seconds for
	if got := p.allowed(31); got != 2600 {
		t.Errorf("%d bytes may leave", got)
	}
	if got := p.delay(31); got != 1 {
		t.Errorf("%d ticks to wait", got)
	}
}
