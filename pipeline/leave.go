package pipeline

// OnLeave has f called when the response is about to leave in one piece, or when it has left, if it takes more than that: before
// the functions of OnClose, and before the client can have seen the end of a short response and asked for something else. It is for
// what counts the requests in progress. f must not block; it runs where the request is at the time, on its reactor or a worker.
func (c *Ctx) OnLeave(f func()) { c.leavers = append(c.leavers, f) }

// Leave calls the functions of OnLeave, once. Whoever sends the response calls it; Reset does, if nobody has.
func (c *Ctx) Leave() {
	if len(c.leavers) == 0 {
		return
	}
	for i := range c.leavers {
		c.drop(c.leavers[i])
	}
	clear(c.leavers)
	c.leavers = c.leavers[:0]
}
