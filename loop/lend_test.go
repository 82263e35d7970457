package loop

import "testing"

// A wake-up that was meant for the holder before ends a wait, and with it the wish: a borrower that does something else then is not
// taken for one that waits for its client, and timed out.
func TestStaleWakeUp(t *testing.T) {
	c := &Conn{r: new(Reactor), lease: leases.Get().(*lease)}
	c.state.Store(isLent)
	poke(c.lease.readable)
	if err := c.await(wantsRead, func() bool { return false }); err != nil {
		t.Fatal(err)
	}
	c.r.wheel.now = 1000
	if c.AwaitsInput() != 0 || c.AwaitsOutput() != 0 {
		t.Errorf("waits for input for %d ticks, for output for %d", c.AwaitsInput(), c.AwaitsOutput())
	}
}
