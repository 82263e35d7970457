//go:build !linux

package loop

import (
	"time"

	"github.com/panjf2000/gnet/v2/pkg/netpoll"
	"golang.org/x/sys/unix"
)

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
