package loop

// Hot: a turn of the loop is one system call here, and one for each descriptor that has something.

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// poller waits on an epoll instance. It waits in one of two ways:
//
//	parked  as a goroutine that waits for a socket does, in Go's own poller, which watches the epoll instance. Other goroutines
//	        have the processor meanwhile.
//	quick   in the system call, without telling Go's scheduler: one system call instead of four. Nobody else has the processor
//	        meanwhile.
//
// It is quick while it is busy (a server under load waits for some microseconds) and nothing of the reactor's is with a worker,
// which may need this very processor. Who has had a processor for 10 ms gets a signal from the scheduler's monitor, as the
// garbage collector sends one to whom it wants to stop, and the tick is an event as well. So a quick wait that should not have been
// one (the load comes from goroutines of this process that wait for the processor) lasts 10 ms, and then there is none for a while
// that doubles each time. Without those signals (GODEBUG=asyncpreemptoff=1) only the tick would end it, and nobody would know that it
// was wrong: then there are none.
type poller struct {
	epoll int
	file  *os.File        // epoll, in Go's poller
	conn  syscall.RawConn // of file
	try   func(uintptr) bool

	bell int  // an eventfd: what wakes the reactor
	due  bool // afterWake is to run behind the events at hand

	turns  uint32 // waits since the last tick
	parks  bool   // it is never quick
	quick  bool   // as of the last tick
	lasted uint32 // ticks it has been quick
	rest   uint32 // ticks until it may be quick again
	pause  uint32 // what rest will be after the next quick wait that was none

	n      int // what try found
	errno  unix.Errno
	events [pollEvents]unix.EpollEvent

	mu     sync.Mutex // guards closed, so that bell is not rung when its number is another's
	closed bool
}

func openPoller(*Reactor) (*poller, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("loop: %w", os.NewSyscallError("epoll_create1", err))
	}
	_ = unix.SetNonblock(epoll, true) // what makes os.NewFile put it in Go's poller
	p := &poller{epoll: epoll, file: os.NewFile(uintptr(epoll), "epoll"), bell: -1, pause: quickPause, parks: !preempts(os.Getenv("GODEBUG"))}
	if p.conn, err = p.file.SyscallConn(); err != nil {
		p.close()
		return nil, fmt.Errorf("loop: %w", err)
	}
	p.try = func(uintptr) bool {
		p.n, p.errno = p.look(0)
		return p.n != 0 || p.errno != 0
	}
	if p.bell, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		p.close()
		return nil, fmt.Errorf("loop: %w", os.NewSyscallError("eventfd", err))
	}
	if err := p.add(p.bell, unix.EPOLLIN|unix.EPOLLET); err != nil { // edge-triggered: each ring is an event, and nobody reads it
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *poller) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	_ = unix.Close(p.bell)
	_ = p.file.Close()
}

func (p *poller) add(fd int, events uint32) error {
	err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Fd: int32(fd), Events: events})
	return os.NewSyscallError("epoll_ctl add", err)
}

// connEvents are edges, which tell of what a connection is to be read for, for its whole life: to stop reading is not to read.
const connEvents = unix.EPOLLIN | unix.EPOLLPRI | unix.EPOLLRDHUP | unix.EPOLLET

// addConn registers a connection. A socket that is writable when it is registered for that is an event, which most connections
// have no use for: they never find their socket full. Those that do call watchOutput, once in their life.
func (p *poller) addConn(fd int, output bool) error {
	if output {
		return p.add(fd, connEvents|unix.EPOLLOUT)
	}
	return p.add(fd, connEvents)
}

// watchOutput has writable edges of a connection told from now on; if it is writable already, that is one. Any goroutine may call it.
func (p *poller) watchOutput(fd int) {
	_ = unix.EpollCtl(p.epoll, unix.EPOLL_CTL_MOD, fd, &unix.EpollEvent{Fd: int32(fd), Events: connEvents | unix.EPOLLOUT})
}

// addLevel registers a descriptor to read from, level-triggered, so that what one event leaves is seen by the next.
func (p *poller) addLevel(fd int) error { return p.add(fd, unix.EPOLLIN) }

func (p *poller) remove(fd int) { _ = unix.EpollCtl(p.epoll, unix.EPOLL_CTL_DEL, fd, nil) }

// soon makes the reactor's afterWake run when the events at hand are dealt with. Only the reactor's goroutine may call it.
func (p *poller) soon() { p.due = true }

// wake makes the reactor's afterWake run. Any goroutine may call it.
func (p *poller) wake() {
	p.mu.Lock()
	if one := uint64(1); !p.closed {
		_, _, _ = unix.RawSyscall(unix.SYS_WRITE, uintptr(p.bell), uintptr(unsafe.Pointer(&one)), 8)
	}
	p.mu.Unlock()
}

// run dispatches events until r has stopped.
func (p *poller) run(r *Reactor) error {
	for !r.stopped {
		n, errno := p.wait(&r.lentOut)
		r.stale = true
		if errno != 0 && errno != unix.EINTR {
			return os.NewSyscallError("epoll_wait", errno)
		}
		for i := range n {
			ev := &p.events[i]
			if int(ev.Fd) == p.bell {
				p.due = true
				continue
			}
			r.event(int(ev.Fd), translate(ev.Events))
			if r.stopped {
				return nil
			}
		}
		if p.due {
			p.due = false
			r.afterWake()
		}
	}
	return nil
}

// wait returns the number of events that are there, 0 when there is something else to do. lent is the number of connections
// with workers.
func (p *poller) wait(lent *atomic.Int32) (int, unix.Errno) {
	if p.due {
		return p.look(0)
	}
	p.turns++
	if p.quick && p.turns%parkEvery != 0 && lent.Load() == 0 {
		runtime.Gosched() // for who was woken by this reactor; none of them is with the kernel
		n, errno := p.look(-1)
		if errno == unix.EINTR {
			p.slow()
		}
		return n, errno
	}
	if err := p.conn.Read(p.try); err != nil {
		return 0, unix.EBADF
	}
	return p.n, p.errno
}

// tick tells the poller that a tick has passed.
func (p *poller) tick() {
	busy := p.turns >= quickTurns
	p.turns = 0
	if p.rest > 0 {
		p.rest--
		return
	}
	p.quick = busy && !p.parks
	if !busy {
		p.lasted = 0
	} else if p.lasted++; p.lasted > quickPause {
		p.pause = quickPause
	}
}

// preempts tells whether Go's scheduler sends signals to who keeps a processor, by the settings the process was started with.
func preempts(godebug string) bool {
	on := true
	for setting := range strings.SplitSeq(godebug, ",") { // the last one counts
		value, ok := strings.CutPrefix(setting, "asyncpreemptoff=")
		if n, err := strconv.Atoi(value); ok && err == nil {
			on = n == 0
		}
	}
	return on
}

// slow is told of a quick wait that was interrupted.
func (p *poller) slow() {
	p.quick, p.lasted = false, 0
	p.rest = p.pause
	p.pause = min(2*p.pause, quickPauseMax)
}

// look returns the events that are there, or waits for them with -1 milliseconds, and keeps the processor.
func (p *poller) look(ms int) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.epoll), uintptr(unsafe.Pointer(&p.events)), pollEvents,
		uintptr(ms), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

func translate(ev uint32) (r readiness) {
	if ev&(unix.EPOLLIN|unix.EPOLLPRI) != 0 {
		r |= isReadable
	}
	if ev&unix.EPOLLOUT != 0 {
		r |= isWritable
	}
	if ev&unix.EPOLLRDHUP != 0 {
		r |= isHangup
	}
	if ev&(unix.EPOLLERR|unix.EPOLLHUP) != 0 {
		r |= isError
	}
	return r
}

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
	if err := r.poller.add(fd, unix.EPOLLIN|unix.EPOLLET); err != nil {
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
