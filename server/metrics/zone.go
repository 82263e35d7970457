package metrics

// Hot: Count runs for every request; no allocation, no map, no defer.

import (
	"fmt"
	"os"
	"time"
)

// Classes are the kinds of responses: 0 is what is none of 1xx to 5xx, an end without an answer for example.
const Classes = 6

// Zone counts requests. Any goroutine may use it.
type Zone struct{ mem *zone }

// Count notes a request that has ended: its status, its bytes with heads, and how long it took. reactor is the number of
// the connection's reactor.
func (z *Zone) Count(reactor, status int, received, sent int64, took time.Duration) {
	s := &z.mem.shards[uint(reactor)%maxShards]
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
func (z *Zone) Traffic() Traffic { return z.mem.traffic() }

func (z *zone) traffic() (t Traffic) {
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

// Registry holds the counters of a server; it outlives configurations, and with a file that they share, worker processes. Any
// goroutine may use it.
type Registry struct {
	// All counts every request.
	All Zone

	mem  *memory
	self *process
}

// NewRegistry returns the counters of one process.
func NewRegistry() *Registry { return newRegistry(new(memory)) }

// OpenRegistry returns the counters that lie in a file, which every worker process of a server is given and which is empty at
// the start of the first. The file may be closed afterwards; the memory stays mapped.
func OpenRegistry(f *os.File) (*Registry, error) {
	mem, err := mapMemory(f)
	if err != nil {
		return nil, err
	}
	return newRegistry(mem), nil
}

func newRegistry(mem *memory) *Registry {
	return &Registry{mem: mem, All: Zone{&mem.zones[0]}, self: mem.take()}
}

// Join returns the same counters with a place of its own to publish in: for another server in the process, as a reload brings.
func (r *Registry) Join() *Registry { return newRegistry(r.mem) }

// Zone returns the zone of a name, a new one when there is none. It is called at load. The error is of a name that is empty or
// longer than 120 bytes, or of more than 63 zones.
func (r *Registry) Zone(name string) (*Zone, error) {
	if name == "" || len(name) > maxName {
		return nil, fmt.Errorf(`invalid zone name "%s", it must have from 1 to %d bytes`, name, maxName)
	}
	if z := r.mem.find(name); z != nil {
		return &Zone{z}, nil
	}
	return nil, fmt.Errorf(`no memory for zone "%s", there are %d already`, name, maxZones-1)
}

// Publish has the totals know of the server that the registry belongs to: its own numbers since its start.
func (r *Registry) Publish(own Gauges) {
	r.self.accepted.Store(own.Accepted)
	r.self.closed.Store(own.Closed)
	r.self.requests.Store(own.Requests)
	r.self.busy.Store(own.Busy)
}

// Total publishes the server's own numbers and returns those of all.
func (r *Registry) Total(own Gauges) Gauges {
	r.Publish(own)
	g := r.mem.sum(r.self)
	g.Lags = own.Lags
	return g
}

// Leave publishes the last numbers of a server that ends.
func (r *Registry) Leave(own Gauges) {
	r.Publish(own)
	r.self.pid.Store(0)
}
