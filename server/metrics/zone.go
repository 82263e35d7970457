package metrics

// Hot: Count runs for every request; no allocation, no map, no defer.

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxShards bounds the reactors that have counters of their own.
const maxShards = 64

// Classes are the kinds of responses: 0 is what is none of 1xx to 5xx, an end without an answer for example.
const Classes = 6

// shard is the counters of a reactor: two cache lines, so that nothing else lies in them.
type shard struct {
	responses      [Classes]atomic.Uint64
	received, sent atomic.Uint64
	nanoseconds    atomic.Uint64
	_              [56]byte
}

// Zone counts requests. Any goroutine may use it.
type Zone struct {
	name   string
	shards [maxShards]shard
}

// Count notes a request that has ended: its status, its bytes with heads, and how long it took. reactor is the number of
// the connection's reactor.
func (z *Zone) Count(reactor, status int, received, sent int64, took time.Duration) {
	s := &z.shards[uint(reactor)%maxShards]
	class := status / 100
	if class < 0 || class >= Classes {
		class = 0
	}
	s.responses[class].Add(1)
	s.received.Add(uint64(max(received, 0)))
	s.sent.Add(uint64(max(sent, 0)))
	s.nanoseconds.Add(uint64(max(took, 0)))
}

// Traffic is what a zone has counted.
type Traffic struct {
	// Responses are counted by class; the first is what is none of 1xx to 5xx.
	Responses [Classes]uint64 `json:"responses"`
	// Received and Sent are bytes of requests and responses with their heads.
	Received uint64 `json:"received"`
	Sent     uint64 `json:"sent"`
	// Seconds is how long all requests took together.
	Seconds float64 `json:"seconds"`
}

// Requests is the number of requests that have ended.
func (t *Traffic) Requests() (n uint64) {
	for _, c := range t.Responses {
		n += c
	}
	return n
}

// Traffic sums up the counters.
func (z *Zone) Traffic() (t Traffic) {
	var nanoseconds uint64
	for i := range z.shards {
		s := &z.shards[i]
		for class := range t.Responses {
			t.Responses[class] += s.responses[class].Load()
		}
		t.Received += s.received.Load()
		t.Sent += s.sent.Load()
		nanoseconds += s.nanoseconds.Load()
	}
	t.Seconds = float64(nanoseconds) / 1e9
	return t
}

// Registry holds the zones of a process; it outlives configurations, so that a reload within a process goes on counting. Any
// goroutine may use it.
type Registry struct {
	// All counts every request.
	All Zone

	mu    sync.Mutex
	zones []*Zone
}

// Zone returns the zone of a name, a new one when there is none. It is called at load.
func (r *Registry) Zone(name string) *Zone {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, z := range r.zones {
		if z.name == name {
			return z
		}
	}
	z := &Zone{name: name}
	r.zones = append(r.zones, z)
	return z
}

// zonesByName returns the zones in the order of their names.
func (r *Registry) zonesByName() []*Zone {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := slices.Clone(r.zones)
	slices.SortFunc(list, func(a, b *Zone) int { return strings.Compare(a.name, b.name) })
	return list
}
