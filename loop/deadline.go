package loop

// ExpireRead has the borrower's Read return os.ErrDeadlineExceeded, one that waits included, until it is taken back with
// false. Who sets deadlines keeps the timer. It may be called from any goroutine between Lend and Return.
func (c *Conn) ExpireRead(on bool) { c.expire(on, readExpired, wantsRead) }

// ExpireWrite is ExpireRead for Flush.
func (c *Conn) ExpireWrite(on bool) { c.expire(on, writeExpired, wantsWrite) }

// ReadExpired tells the borrower whether ExpireRead is in force.
func (c *Conn) ReadExpired() bool { return expired(c.state.Load(), wantsRead) }

func (c *Conn) expire(on bool, bit, waiting uint32) {
	if on {
		c.note(bit, waiting)
		return
	}
	c.state.And(^bit)
}

// expired tells from a state whether the direction that waits for bit has passed its deadline.
func expired(state, bit uint32) bool {
	if bit == wantsRead {
		return state&readExpired != 0
	}
	return state&writeExpired != 0
}
