package loop

// open makes a connection of an accepted or dialled descriptor. The caller registers it with the poller.
func (r *Reactor) open(fd int, lst *Listener) *Conn {
	if len(r.free) == 0 {
		slab := make([]Conn, connSlab)
		for i := range slab {
			r.free = append(r.free, &slab[i])
		}
	}
	c := r.free[len(r.free)-1]
	r.free = r.free[:len(r.free)-1]
	c.reset(r, fd, lst)
	r.enter(c)
	r.stats.Opened.Add(1)
	return c
}

// enter puts c into the table.
func (r *Reactor) enter(c *Conn) {
	fd := int(c.fd)
	for fd >= len(r.table) {
		r.table = append(r.table, make([]*Conn, max(len(r.table), 64))...)
	}
	r.table[fd] = c
	r.conns++
}

// forget takes c out of the table.
func (r *Reactor) forget(c *Conn) {
	if r.table[c.fd] == c {
		r.table[c.fd] = nil
		r.conns--
		r.stats.Closed.Add(1)
	}
}

// reset makes a record ready for a new connection.
func (c *Conn) reset(r *Reactor, fd int, lst *Listener) {
	*c = Conn{r: r, lst: lst, fd: int32(fd), open: true}
}
