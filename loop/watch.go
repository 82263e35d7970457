package loop

// Hot: outOfOrder runs for every event of a connection.

// watch is a descriptor of somebody else's that the reactor polls along with its own.
type watch struct {
	fd    int
	ready func()
}

// Watch has ready called, on the reactor's goroutine, whenever fd is readable; what ready leaves unread is told again. Several
// reactors may watch one descriptor. A descriptor that is watched already is not watched twice. Only the reactor's goroutine may
// call it; the descriptor must outlive the reactor.
func (r *Reactor) Watch(fd int, ready func()) error {
	for i := range r.watches {
		if r.watches[i].fd == fd {
			return nil
		}
	}
	if err := r.poller.addLevel(fd); err != nil {
		return err
	}
	r.watches = append(r.watches, watch{fd, ready})
	return nil
}

// Late tells whether what is being handled may have been sent after something that a watched descriptor has to tell, and that
// was not told yet. It is false only when the order of the poller rules that out:
//
//	somebody: happens ──▶ watched fd is put behind the list of ready descriptors
//	client:             sends a request ──▶ its connection is put behind that
//	reactor:  polls: the list, in its order ──▶ Watch's ready ──▶ Data
//
// The kernel keeps that order for a connection that was not in the list before. It may have been when it is new (registered
// writable), dialled, blocked, back from a worker, or when it sent in several packets last time: one of them may have come between
// the poll and the read, and left the connection in the list though it was read. Then, for what one read brought beyond its first
// request, and for everything that is not an event of a connection, Late is true: who must know has to look at the descriptor
// himself, and may say so with SetLate(false). What is left are less than onePacket bytes that came in two packets, with the change
// and the next request before the reactor polls again: not worth a system call for every request. Only the reactor's goroutine may call it.
func (r *Reactor) Late() bool { return r.late }

// SetLate overrides what Late says until the next event; see there. Only the reactor's goroutine may call it.
func (r *Reactor) SetLate(late bool) { r.late = late }

// outOfOrder tells whether c may have been in the poller's list before that came what the event tells of. It is asked before
// the event is handled.
func (c *Conn) outOfOrder(ev readiness) bool {
	return ev&isReadable == 0 || c.burst || !c.heard || c.blocked || c.q != nil || c.lst == nil
}
