package server

import "sync/atomic"

// counts are the states of a reactor's connections that outlast an event. Any goroutine may change and load them.
type counts struct {
	reading atomic.Int64 // a head has begun and is not complete
}

// readingHead counts a request whose head came in part.
func (x *exchange) readingHead() {
	x.timing = true
	x.r.counts.reading.Add(1)
}

// headRead ends what readingHead has begun.
func (x *exchange) headRead() {
	if x.timing {
		x.timing = false
		x.r.counts.reading.Add(-1)
	}
}

// States are how many connections wait, read or write.
type States struct {
	// Reading connections have sent a part of a head; Writing ones have a request in progress, with a worker or with a
	// client that is slow or paced.
	Reading, Writing uint64
}

// States sums up what the connections of all reactors do. A request that is answered within one event is in none of them.
// Any goroutine may call it.
func (s *Server) States() (sum States) {
	for _, r := range s.loop.Reactors() {
		sum.Writing += uint64(max(r.Busy(), 0))
		if local, ok := r.Local.(*reactor); ok {
			sum.Reading += uint64(max(local.counts.reading.Load(), 0))
		}
	}
	return sum
}

// States sums up what the connections of all reactors do; see Carrier.
func (x *exchange) States() States { return x.r.srv.States() }
