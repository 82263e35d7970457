package limit

import (
	"errors"
	"os"
	"slices"
	"syscall"
)

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
		if e := &s.states[i]; s.whole(e) {
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

// whole tells whether a state is in use, and not one that was being made or removed: something of that is zero already, or still.
func (s *shard) whole(e *state) bool {
	return e.size > 0 && e.hash != 0 && (s.head != connState || e.count > 0)
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
