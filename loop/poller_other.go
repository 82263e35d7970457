//go:build !linux

package loop

import (
	"fmt"
	"time"

	gneterrors "github.com/panjf2000/gnet/v2/pkg/errors"
	"github.com/panjf2000/gnet/v2/pkg/netpoll"
	taskqueue "github.com/panjf2000/gnet/v2/pkg/queue"
	"golang.org/x/sys/unix"
)

// poller is gnet's netpoll.Poller (kqueue) with the reactor's needs added: connections registered once, and a turn after a
// wake-up.
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
		r.stale = true
		r.afterWake()
		if r.stopped {
			return gneterrors.ErrEngineShutdown
		}
		return nil
	}}, nil
}

func (p *poller) close() { _ = p.Close() }

// addConn registers a connection for its whole life: both directions, edge-triggered. To stop reading is not to read.
func (p *poller) addConn(fd int, _ bool) error {
	return p.AddReadWrite(&netpoll.PollAttachment{FD: fd}, true)
}

// watchOutput has nothing to do: see addConn.
func (p *poller) watchOutput(int) {}

// addLevel registers a descriptor to read from, level-triggered, so that what one event leaves is seen by the next.
func (p *poller) addLevel(fd int) error {
	return p.AddRead(&netpoll.PollAttachment{FD: fd}, false)
}

func (p *poller) remove(fd int) { _ = p.Delete(fd) }

// tick tells the poller that a tick has passed.
func (p *poller) tick() {}

// soon makes the reactor's afterWake run when the events at hand are dealt with. Only the reactor's goroutine may call it. netpoll
// tells nobody when a batch of events is over, so it is a wake-up here.
func (p *poller) soon() { p.wake() }

// wake makes the reactor's afterWake run. Any goroutine may call it. It allocates one queue node, which is why a loan
// that leaves nothing to do ends without it.
func (p *poller) wake() { _ = p.Trigger(taskqueue.HighPriority, p.woken, nil) }

// run dispatches events until r has stopped.
func (p *poller) run(r *Reactor) error {
	err := p.Polling(func(fd int, ev netpoll.IOEvent, flags netpoll.IOFlags) error {
		r.stale = true
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

// startTimer ticks from a goroutine: timerfd is Linux's.
func (r *Reactor) startTimer() (stop func(), err error) {
	t := time.NewTicker(Tick)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-t.C:
				r.Post(r.tick)
			case <-done:
				return
			}
		}
	}()
	return func() { t.Stop(); close(done) }, nil
}

func (r *Reactor) readTimer() {}

func translate(ev netpoll.IOEvent, flags netpoll.IOFlags) (r readiness) {
	if netpoll.IsReadEvent(ev) {
		r |= isReadable
		if flags&unix.EV_EOF != 0 {
			r |= isHangup
		}
	}
	if netpoll.IsWriteEvent(ev) {
		r |= isWritable
	}
	if flags&unix.EV_ERROR != 0 {
		r |= isError
	}
	return r
}
