package metrics

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// maxShards is the number of sets of counters of a zone; reactors beyond share.
	maxShards = 32
	// maxZones bounds the zones, maxName the bytes of their names, maxProcesses the worker processes that are remembered: one
	// more takes the place of the oldest, and totals lose what that one has counted.
	maxZones     = 64
	maxName      = 120
	maxProcesses = 1024
)

// memory is what the counters lie in. Worker processes share it, so it holds no pointers, its zero value is the empty one, and
// numbers change by one atomic instruction each: there is no lock that a process that is killed could hold.
type memory struct {
	started   atomic.Uint64 // processes that took a place
	_         [56]byte
	processes [maxProcesses]process
	zones     [maxZones]zone
}

// process is what one worker process publishes of itself: one cache line.
type process struct {
	pid                        atomic.Int64 // 0 for one that has ended
	accepted, closed, requests atomic.Uint64
	busy                       atomic.Int64
	_                          [24]byte
}

// zone is the counters of a zone, and its name.
type zone struct {
	state  atomic.Uint32 // unused, being named, or in use
	length uint32
	name   [maxName]byte
	shards [maxShards]shard
}

const (
	unused = iota
	naming
	inUse
)

// shard is the counters of a reactor: two cache lines, so that nothing else lies in them.
type shard struct {
	responses      [Classes]atomic.Uint64
	received, sent atomic.Uint64
	nanoseconds    atomic.Uint64
	_              [56]byte
}

// mapMemory maps the memory that lies in a file, which grows to its size if it is new.
func mapMemory(f *os.File) (*memory, error) {
	size := int(unsafe.Sizeof(memory{}))
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = errors.New("is no regular file")
	}
	if err == nil && st.Size() < int64(size) {
		err = f.Truncate(int64(size))
	}
	if err != nil {
		return nil, fmt.Errorf("metrics: shared memory: %w", err)
	}
	b, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("metrics: shared memory: %w", err)
	}
	return (*memory)(unsafe.Pointer(unsafe.SliceData(b))), nil // a page begins at a multiple of every alignment
}

// find returns the zone of a name, and takes a free one when there is none; nil when all are taken. The first is that of all
// requests, and has no name.
func (m *memory) find(name string) *zone {
	for i := 1; i < maxZones; i++ {
		z := &m.zones[i]
		if z.state.CompareAndSwap(unused, naming) {
			z.length = uint32(copy(z.name[:], name))
			z.state.Store(inUse)
		}
		for tries := 0; z.state.Load() == naming && tries < namingTries; tries++ {
			time.Sleep(time.Millisecond)
		}
		if z.state.Load() == inUse && string(z.name[:z.length]) == name {
			return z
		}
	}
	return nil
}

// namingTries bounds the wait, in milliseconds, for another process that names a zone; one that was killed meanwhile has left it
// without a name for good.
const namingTries = 100

// take takes a place for this process.
func (m *memory) take() *process {
	p := &m.processes[(m.started.Add(1)-1)%maxProcesses]
	p.accepted.Store(0)
	p.closed.Store(0)
	p.requests.Store(0)
	p.busy.Store(0)
	p.pid.Store(int64(os.Getpid()))
	return p
}

// sum adds up what the processes have published; self is known to run. A connection of a process that is gone is closed.
func (m *memory) sum(self *process) (g Gauges) {
	for i := range min(m.started.Load(), maxProcesses) {
		p := &m.processes[i]
		accepted, closed := p.accepted.Load(), p.closed.Load()
		if pid := p.pid.Load(); pid == 0 || p != self && unix.Kill(int(pid), 0) == unix.ESRCH {
			closed = accepted
		} else {
			g.Busy += p.busy.Load()
		}
		g.Accepted += accepted
		g.Closed += closed
		g.Requests += p.requests.Load()
	}
	return g
}
