package cache

import (
	"fmt"
	"math"
	"time"
)

// manage removes what nobody asks for, and the least recently used when there is too much. What it does, it does on the disk's
// goroutine, behind what is queued there, so that it sees the sizes of what was stored.
func (z *Zone) manage() {
	t := time.NewTimer(z.config.Load().Manager.Sleep)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-z.kick:
		case <-z.stop:
			return
		}
		next := make(chan time.Duration, 1)
		if !z.disk.add(0, func() { next <- z.tidy(time.Now().UnixMilli()) }) {
			return
		}
		t.Reset(<-next)
	}
}

// tidy is one step of the manager. It returns when the next one is due.
func (z *Zone) tidy(now int64) time.Duration {
	cfg := z.config.Load()
	files, began := 0, time.Now()
	again := func() bool {
		files++
		return files >= cfg.Manager.Files || time.Since(began) >= cfg.Manager.Threshold
	}
	for {
		wait, removed := z.expireOne(now)
		if !removed {
			return z.shrink(cfg, now, wait, again)
		}
		if again() {
			return cfg.Manager.Sleep
		}
	}
}

// shrink removes the least recently used entries until the bounds are kept.
func (z *Zone) shrink(cfg *Config, now int64, wait time.Duration, again func() bool) time.Duration {
	free := int64(math.MaxInt64)
	if cfg.MinFree > 0 && z.path != "" {
		if n, ok := freeBytes(z.path); ok {
			free = n
		}
	}
	for busy := 0; z.tooMuch(cfg) || free <= cfg.MinFree; {
		s, n := z.oldest()
		if n == nil || busy == forcedTries {
			return time.Second
		}
		size, ok := z.evict(s, n, now)
		if !ok { // it is being sent or made, as it may be when there is room for few
			busy, wait = busy+1, time.Second
		}
		free = add(free, size)
		if again() {
			return cfg.Manager.Sleep
		}
	}
	return wait
}

// tooMuch tells whether an entry must go. As in NGINX, a full index is emptied by an eighth.
func (z *Zone) tooMuch(cfg *Config) bool {
	if z.bytes.Load() >= cfg.MaxSize {
		return true
	}
	if z.full.Load() {
		if keys, limit := z.keys(); keys > limit-limit/8 {
			return true
		}
		z.full.Store(false)
	}
	return false
}

// keys returns how many keys there are, and how many there may be.
func (z *Zone) keys() (n, limit int) {
	for i := range z.shards {
		s := &z.shards[i]
		s.mu.Lock()
		n += len(s.nodes)
		s.mu.Unlock()
		limit += s.limit.keys
	}
	return n, limit
}

// oldest returns the node that was not used for the longest time.
func (z *Zone) oldest() (at *shard, n *node) {
	first := int64(0)
	for i := range z.shards {
		s := &z.shards[i]
		s.mu.Lock()
		if l := s.used.prev; l.n != nil && (n == nil || l.n.expires < first) {
			at, n, first = s, l.n, l.n.expires
		}
		s.mu.Unlock()
	}
	return at, n
}

// expireOne removes an entry that nobody asked for, if there is one, or tells when to look again.
func (z *Zone) expireOne(now int64) (wait time.Duration, removed bool) {
	s, n := z.oldest()
	if n == nil {
		return managerWait, false
	}
	s.mu.Lock()
	left := n.expires - now
	s.mu.Unlock()
	if left > 0 {
		return min(time.Duration(left)*time.Millisecond, managerWait), false
	}
	if _, ok := z.evict(s, n, now); !ok {
		z.log(fmt.Errorf("cache: zone %q: ignore long locked inactive cache entry %x", z.name, n.sum))
	}
	return 0, true
}

// evict removes a node, and returns the size of its file, which is removed soon; ok is false when the node is in use.
func (z *Zone) evict(s *shard, n *node, now int64) (size int64, ok bool) {
	s.mu.Lock()
	if s.nodes[n.sum] != n {
		s.mu.Unlock()
		return 0, true
	}
	if n.busy() {
		z.passOver(s, n, now)
		s.mu.Unlock()
		return 0, false
	}
	size = n.size
	z.remove(s, n)
	s.mu.Unlock()
	return size, true
}
