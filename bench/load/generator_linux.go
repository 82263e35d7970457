package load

// Hot: the loop of the generator; no allocation, no map, no defer while it measures.

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/bench/pin"
)

const (
	inputSize = 8 << 10 // bytes read at once, as wrk does; see "The client is part of the figure" in doc.go
	maxEvents = 256
	maxWait   = 10 * time.Millisecond // an epoll_wait that reaches it only looks at the clock
	maxErrors = 1000                  // then the slice is beyond use and ends
	lateAfter = int64(time.Millisecond)
)

// generator is the state of one slice; only its thread touches it.
type generator struct {
	plan   *Plan
	server unix.Sockaddr
	family int
	epoll  int
	base   time.Time // its monotonic reading is time 0
	events [maxEvents]unix.EpollEvent
	input  []byte

	conns  []conn
	cursor int // into plan.Requests
	idle   ring
	due    timetable

	result  Result
	latency Histogram
}

// Run makes the load of the plan and returns when it is over. An error means that nothing was measured; errors of the
// server are in the result.
func Run(plan Plan) (*Result, error) {
	if err := plan.check(); err != nil {
		return nil, err
	}
	release, err := pin.Thread(plan.CPU)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	defer release()
	if plan.Rate > 0 {
		defer punctual()()
	}
	g, err := newGenerator(&plan)
	if err != nil {
		return nil, err
	}
	defer g.close()
	for i := range g.conns {
		g.connect(&g.conns[i], g.now())
	}
	g.serve(g.now() + int64(plan.Warmup))
	g.measure()
	if g.result.Errors.Connect >= int64(plan.Connections) {
		return nil, errors.New("load: " + g.result.Errors.First)
	}
	return &g.result, nil
}

func newGenerator(plan *Plan) (*generator, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("load: epoll_create1: %w", err)
	}
	g := &generator{
		plan: plan, epoll: epoll, base: time.Now(),
		input: make([]byte, inputSize),
		conns: make([]conn, plan.Connections), idle: newRing(plan.Connections), due: timetable{rate: plan.Rate},
	}
	ip := plan.Addr.Addr().Unmap()
	if ip.Is4() {
		g.family, g.server = unix.AF_INET, &unix.SockaddrInet4{Port: int(plan.Addr.Port()), Addr: ip.As4()}
	} else {
		g.family, g.server = unix.AF_INET6, &unix.SockaddrInet6{Port: int(plan.Addr.Port()), Addr: ip.As16()}
	}
	for i := range g.conns {
		g.conns[i].fd, g.conns[i].index = -1, int32(i)
	}
	return g, nil
}

func (g *generator) close() {
	for i := range g.conns {
		g.hangUp(&g.conns[i])
	}
	_ = unix.Close(g.epoll)
}

// now is the time since the generator was made, in nanoseconds.
func (g *generator) now() int64 { return int64(time.Since(g.base)) }

// measure runs the slice itself. Errors of the warm-up stay in the result, its answers do not.
func (g *generator) measure() {
	g.result = Result{Errors: g.result.Errors}
	g.latency = Histogram{}
	if g.plan.Started != nil {
		g.plan.Started()
	}
	start, cpu := g.now(), threadCPU()
	g.serve(start + int64(g.plan.Duration))
	end := g.now()
	g.result.Elapsed, g.result.CPU = time.Duration(end-start), threadCPU()-cpu
	if g.plan.Stopped != nil {
		g.plan.Stopped()
	}
	g.result.Unsent = g.due.overdue(end)
	g.result.Latency = g.latency.Latency()
}

// serve answers events until the given time.
func (g *generator) serve(until int64) {
	for now := g.now(); now < until && g.result.Errors.Total() < maxErrors; now = g.now() {
		g.sendDue(now)
		n := g.wait(min(until-now, int64(maxWait)))
		for i := range g.events[:n] {
			g.event(&g.events[i])
		}
	}
}

// wait returns the number of events, within so many nanoseconds, and in the open loop before the next request is due.
func (g *generator) wait(nanos int64) int {
	if g.due.rate > 0 {
		if now := g.now(); g.idle.count > 0 {
			at, _ := g.due.next(now)
			nanos = max(min(nanos, at-now), 0)
		}
		return g.waitShort(nanos)
	}
	n, err := unix.EpollWait(g.epoll, g.events[:], int(nanos/int64(time.Millisecond))+1)
	if err != nil { // EINTR
		return 0
	}
	return n
}

// waitShort waits for nanoseconds: epoll_wait's milliseconds are coarser than the gaps of a time table. It must not turn without
// sleeping, since what is behind the server under test may need this CPU. A kernel without the call (before 5.11) does turn.
func (g *generator) waitShort(nanos int64) int {
	limit := unix.NsecToTimespec(nanos)
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(g.epoll), uintptr(unsafe.Pointer(&g.events)), maxEvents,
		uintptr(unsafe.Pointer(&limit)), 0, 0)
	switch errno {
	case 0:
		return int(n)
	case unix.ENOSYS:
		if n, err := unix.EpollWait(g.epoll, g.events[:], 0); err == nil {
			return n
		}
	}
	return 0
}

// punctual has the thread of an open loop woken when it is due: not up to 50 µs later, so that the kernel saves wake-ups, and before
// others who want this CPU, where it may have that. restore undoes it.
func punctual() (restore func()) {
	was, err := unix.Getpriority(unix.PRIO_PROCESS, 0) // of the thread, as 20 less its niceness
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // nanoseconds
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, -10)
	return func() {
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0) // as the thread was made
		if err == nil {
			_ = unix.Setpriority(unix.PRIO_PROCESS, 0, 20-was)
		}
	}
}

// sendDue sends the requests of the open loop whose time has come, as far as connections are free.
func (g *generator) sendDue(now int64) {
	for at, ok := g.due.next(now); ok; at, ok = g.due.next(now) {
		index, free := g.idle.pop()
		if !free {
			return
		}
		g.due.sent++
		if now-at > lateAfter {
			g.result.Late++
		}
		g.request(&g.conns[index], at)
	}
}

func (g *generator) event(ev *unix.EpollEvent) {
	c := &g.conns[ev.Fd]
	if ev.Pad != c.generation {
		return // of a socket that an earlier event of this batch closed
	}
	if len(c.unsent) > 0 {
		g.flush(c)
	}
	if ev.Events&^unix.EPOLLOUT != 0 && c.fd >= 0 {
		g.read(c, ev.Events&unix.EPOLLRDHUP != 0)
	}
}
