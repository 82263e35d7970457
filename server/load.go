package server

import "time"

// Load is what a server is busy with at the moment.
type Load struct {
	// Busy is the number of requests that are with worker goroutines or wait for one.
	Busy int64
	// Lags are how late each reactor is; see loop.Reactor.Lag.
	Lags []time.Duration
}

// Load tells what the server is busy with. Any goroutine may call it; it allocates.
func (s *Server) Load() Load {
	l := Load{Busy: s.workers.Pending()}
	for _, r := range s.loop.Reactors() {
		l.Lags = append(l.Lags, r.Lag())
	}
	return l
}

// Load tells what the server of the request is busy with; see Server.Load.
func (x *exchange) Load() Load { return x.r.srv.Load() }
