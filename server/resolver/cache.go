package resolver

import (
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"
)

// A cache keeps answers until they expire. Its size is bounded: a name that comes in from a client must not cost memory for
// good.
type cache struct {
	mu      sync.RWMutex
	entries map[key]*entry
	limit   int
}

// An entry is an answer that is kept. It never changes.
type entry struct {
	valid time.Time
	// addrs are the addresses of a name twice in a row, so that every rotation of them is a part.
	addrs   []netip.Addr
	records []record // of a service
	ptr     string   // of an address
}

// inOrder returns the addresses as the answer had them, IPv4 first: who asked gets them so, as in NGINX.
func (e *entry) inOrder() []netip.Addr {
	n := len(e.addrs) / 2
	return e.addrs[:n:n]
}

// rotated returns the addresses from a random one on.
func (e *entry) rotated() []netip.Addr {
	n := len(e.addrs) / 2
	if n < 2 {
		return e.addrs[:n:n]
	}
	first := rand.IntN(n)
	return e.addrs[first : first+n : first+n]
}

// get returns what is valid now, or nil.
func (c *cache) get(k key, now time.Time) *entry {
	c.mu.RLock()
	e := c.entries[k]
	c.mu.RUnlock()
	if e == nil || !now.Before(e.valid) {
		return nil
	}
	return e
}

// examined is how many entries every put looks at for such as have expired. Since it is more than one, they do not pile up.
const examined = 4

// put keeps e, and drops expired entries, or any one when there is no room.
func (c *cache) put(k key, e *entry, now time.Time) {
	if !now.Before(e.valid) {
		return // a TTL of 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for old, at := range c.entries { // they come in a random order
		if !now.Before(at.valid) || n == 0 && len(c.entries) >= c.limit && old != k {
			delete(c.entries, old)
		}
		if n++; n == examined {
			break
		}
	}
	c.entries[k] = e
}
