package pipeline

// Hot: runs for every request; no allocation, no map, no defer, and no lock unless subrequests go on at a time.

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
)

// values is what Set keeps. Subrequests look at those of their main request, and keep some there: when they go on at a time, on
// goroutines of their own, it is locked.
type values struct {
	list  []value
	id    [16]byte // see Ctx.RequestID
	hasID bool

	shared bool       // subrequests may go on at a time; set before the first of them begins
	mu     sync.Mutex // guards the above then
}

// value is one entry of Set.
type value struct {
	key any
	val any
}

func (v *values) lock() {
	if v.shared {
		v.mu.Lock()
	}
}

func (v *values) unlock() {
	if v.shared {
		v.mu.Unlock()
	}
}

// share readies v for several goroutines. Those that have it already must not see it change.
func (v *values) share() {
	if !v.shared {
		v.shared = true
	}
}

// find returns the place of a value, nil when there is none.
func (v *values) find(key any) *value {
	for i := range v.list {
		if v.list[i].key == key {
			return &v.list[i]
		}
	}
	return nil
}

// Set keeps a value for the rest of the request, for later hooks. key should be of a type of the caller's own.
func (c *Ctx) Set(key, val any) {
	c.values.lock()
	if v := c.values.find(key); v != nil {
		v.val = val
	} else {
		c.values.list = append(c.values.list, value{key, val})
	}
	c.values.unlock()
}

// Get returns what Set kept, or nil.
func (c *Ctx) Get(key any) (val any) {
	c.values.lock()
	for i := range c.values.list {
		if v := &c.values.list[i]; v.key == key {
			val = v.val
			break
		}
	}
	c.values.unlock()
	return val
}

// SetOnce is Set unless a value is kept already; it returns the one that is. Subrequests that go on at a time agree by it on a value
// of their main request.
func (c *Ctx) SetOnce(key, val any) any {
	c.values.lock()
	if v := c.values.find(key); v != nil {
		val = v.val
	} else {
		c.values.list = append(c.values.list, value{key, val})
	}
	c.values.unlock()
	return val
}

// RequestID returns 16 random bytes, the same for a request each time, and for its subrequests (NGINX: $request_id). The generator
// is ChaCha8 with a seed of the operating system.
func (c *Ctx) RequestID() [16]byte {
	v := &c.Main().values
	v.lock()
	if !v.hasID {
		binary.NativeEndian.PutUint64(v.id[:8], rand.Uint64())
		binary.NativeEndian.PutUint64(v.id[8:], rand.Uint64())
		v.hasID = true
	}
	id := v.id
	v.unlock()
	return id
}
