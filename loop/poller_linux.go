package loop

import (
	"os"

	"github.com/panjf2000/gnet/v2/pkg/netpoll"
	"golang.org/x/sys/unix"
)

// startTimer makes a timerfd that is an ordinary descriptor of the poller.
func (r *Reactor) startTimer() (stop func(), err error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	every := unix.NsecToTimespec(int64(Tick))
	if err := unix.TimerfdSettime(fd, 0, &unix.ItimerSpec{Interval: every, Value: every}, nil); err != nil {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("timerfd_settime", err)
	}
	r.timer = fd
	if err := r.poller.AddRead(&netpoll.PollAttachment{FD: fd}, true); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return func() { _ = unix.Close(fd) }, nil
}

// readTimer is what makes the kernel start the next interval. How many ticks passed is taken from the clock.
func (r *Reactor) readTimer() {
	var expirations [8]byte
	_, _ = unix.Read(r.timer, expirations[:])
}

func translate(ev netpoll.IOEvent, _ netpoll.IOFlags) (r readiness) {
	if netpoll.IsReadEvent(ev) {
		r |= isReadable
	}
	if netpoll.IsWriteEvent(ev) {
		r |= isWritable
	}
	if ev&unix.EPOLLRDHUP != 0 {
		r |= isHangup
	}
	if ev&netpoll.ErrEvents != 0 {
		r |= isError
	}
	return r
}
