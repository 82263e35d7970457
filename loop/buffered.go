package loop

// Buffered is how many bytes the borrower can read without asking the socket.
func (c *Conn) Buffered() int { return len(c.in) }

// Input returns what was read and the protocol has not consumed, a view until the event is over. During Data it is not told.
func (c *Conn) Input() []byte { return c.in }
