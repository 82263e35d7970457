package limit

// Hot: runs for every request; no allocation, no map, no defer, no system call unless a lock is held for long.

import (
	"runtime"
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
