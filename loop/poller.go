package loop

import (
	"fmt"

	gneterrors "github.com/panjf2000/gnet/v2/pkg/errors"
	"github.com/panjf2000/gnet/v2/pkg/netpoll"
	taskqueue "github.com/panjf2000/gnet/v2/pkg/queue"
)

// readiness is what the poller saw of a descriptor, the same on every system. It is a hint: everything it claims is
// confirmed by the system call that follows.
type readiness uint8

const (
	isReadable readiness = 1 << iota
	isWritable
	isHangup // the peer closed its sending side
	isError  // both directions are shut, or an error is pending
)

// poller is gnet's netpoll.Poller (epoll or kqueue) with the reactor's needs added: connections registered once, a timer,
// and a turn after a wake-up.
type poller struct {
	*netpoll.Poller
	woken taskqueue.Func // bound once: a method value per wake-up would allocate
}

func openPoller(r *Reactor) (*poller, error) {
	np, err := netpoll.OpenPoller()
	if err != nil {
		return nil, fmt.Errorf("loop: %w", err)
	}
	return &poller{Poller: np, woken: func(any) error {
		r.afterWake()
		if r.stopped {
			return gneterrors.ErrEngineShutdown
		}
		return nil
	}}, nil
}

func (p *poller) close() { _ = p.Close() }

// addConn registers a connection for its whole life: both directions, edge-triggered. One epoll_ctl is all it ever costs:
// to stop reading is not to read, and writable edges come free.
func (p *poller) addConn(fd int) error {
	return p.AddReadWrite(&netpoll.PollAttachment{FD: fd}, true)
}

// addLevel registers a descriptor to read from, level-triggered, so that what one event leaves is seen by the next.
func (p *poller) addLevel(fd int) error {
	return p.AddRead(&netpoll.PollAttachment{FD: fd}, false)
}

func (p *poller) remove(fd int) { _ = p.Delete(fd) }

// wake makes the reactor's afterWake run. Any goroutine may call it. It allocates one queue node, which is why a loan
// that leaves nothing to do ends without it.
func (p *poller) wake() { _ = p.Trigger(taskqueue.HighPriority, p.woken, nil) }

// run dispatches events until r has stopped.
func (p *poller) run(r *Reactor) error {
	err := p.Polling(func(fd int, ev netpoll.IOEvent, flags netpoll.IOFlags) error {
		r.event(fd, translate(ev, flags))
		if r.stopped {
			return gneterrors.ErrEngineShutdown
		}
		return nil
	})
	if r.stopped {
		return nil
	}
	return err
}
