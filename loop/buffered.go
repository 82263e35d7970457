package loop

// Buffered is how many bytes the borrower can read without asking the socket.
func (c *Conn) Buffered() int { return len(c.in) }
