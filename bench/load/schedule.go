package load

import "time"

// ring is the queue of idle connections of the open loop, by index. Taking the longest idle one spreads the requests
// over all connections.
type ring struct {
	items       []int32
	head, count int
}

func newRing(capacity int) ring { return ring{items: make([]int32, capacity)} }

// push adds an index; each is in the ring at most once, so it never overflows.
func (r *ring) push(index int32) {
	r.items[(r.head+r.count)%len(r.items)] = index
	r.count++
}

func (r *ring) pop() (index int32, ok bool) {
	if r.count == 0 {
		return 0, false
	}
	index = r.items[r.head]
	r.head = (r.head + 1) % len(r.items)
	r.count--
	return index, true
}

// timetable is when the requests of an open loop should be sent: request i at i/rate seconds.
type timetable struct {
	rate float64 // requests per second; 0 is a closed loop
	sent int64
}

// next is the time of the next request in nanoseconds, and whether it has come.
func (t *timetable) next(now int64) (at int64, ok bool) {
	if t.rate <= 0 {
		return 0, false
	}
	at = int64(float64(t.sent) / t.rate * float64(time.Second))
	return at, at <= now
}

// overdue is the number of requests whose time has come but which were not sent.
func (t *timetable) overdue(now int64) int64 {
	if t.rate <= 0 {
		return 0
	}
	return max(int64(float64(now)/float64(time.Second)*t.rate)+1-t.sent, 0)
}
