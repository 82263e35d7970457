package limit

// Hot: runs for every request; no allocation, no map, no defer; a lock that is held for long sleeps.

import (
	"errors"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// How often a lock that is held is tried at once, then after other goroutines have run; after that a try waits a moment, and
// every so many tries look whether the process that holds it still runs.
const (
	lockSpins  = 40
	lockYields = 200
	lockSleep  = 50 * time.Microsecond
	lockLook   = 20
)

// lock takes a shard for this process. Its word is the id of the process that holds it, so that it outlives that process: when
// it has ended, whoever waits mends the shard and goes on.
func (t *table) lock(s *shard) {
	if !s.word.CompareAndSwap(0, t.owner) {
		t.wait(s)
	}
}

func (s *shard) unlock() { s.word.Store(0) }

// wait is lock's part for a lock that is held. A shard is held for less than a microsecond, unless the system has stopped whoever
// holds it.
func (t *table) wait(s *shard) {
	for n := 0; !s.word.CompareAndSwap(0, t.owner); n++ {
		switch {
		case n < lockSpins:
		case n < lockSpins+lockYields:
			runtime.Gosched()
		default:
			time.Sleep(lockSleep)
			if n%lockLook == 0 && t.takeFrom(s, s.word.Load()) {
				return
			}
		}
	}
}

// takeFrom takes a shard from a process if that one has ended.
func (t *table) takeFrom(s *shard, holder uint32) bool {
	if holder == 0 || holder == t.owner || running(int(holder)) || !s.word.CompareAndSwap(holder, t.owner) {
		return false
	}
	s.mend()
	return true
}

// running tells whether there is a process of that id.
func running(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	_ = p.Release()
	return !errors.Is(err, os.ErrProcessDone)
}

// mend makes chains and lists anew from the states, behind a process that ended while it changed them. What it had not finished
// may be there or not; all else is. States are in the order of the times they were counted at.
func (s *shard) mend() {
	top := min(max(s.top, 0), int32(len(s.states)-1))
	clear(s.buckets)
	s.top, s.free, s.newest, s.oldest, s.used = top, 0, 0, 0, 0
	var live []int32
	for i := int32(1); i <= top; i++ {
		if e := &s.states[i]; e.size > 0 {
			live = append(live, i)
		} else {
			*e = state{next: s.free}
			s.free = i
		}
	}
	slices.SortStableFunc(live, func(a, b int32) int { return int(s.states[a].last - s.states[b].last) })
	for _, i := range live {
		e := &s.states[i]
		b := s.bucket(e.hash)
		e.next, *b = *b, i
		s.used += slot(s.head + int(e.size))
		s.link(i)
	}
}

// forget gives back what a process held that has ended: the shards it was about to change, and the requests it had in progress.
// It has to be called before another process may have the same id.
func (t *table) forget(pid uint32) {
	for i := range t.shards {
		s := &t.shards[i]
		if s.word.CompareAndSwap(pid, t.owner) {
			s.mend()
		} else {
			t.lock(s)
		}
		for k := int32(1); k <= s.top; k++ {
			if e := &s.states[k]; e.size > 0 && e.owner == pid {
				s.remove(k)
			}
		}
		s.unlock()
	}
}
