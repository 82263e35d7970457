package load

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// AnyLength as Request.Length accepts a content of every length.
const AnyLength = -1

// Request is what one send carries: one request, or several equal ones that are pipelined.
type Request struct {
	Wire   []byte // the bytes as they are sent
	Count  int    // answers to expect, at least 1
	Status int    // expected status code
	Length int64  // expected length of each content in bytes, or AnyLength
}

// Field is one header line of a request.
type Field struct{ Name, Value string }

// Get renders a GET of path, which is sent depth times at once. Host is a name of fixed length, so that the request has
// the same size on every port.
func Get(path string, fields []Field, depth, status int, length int64) Request {
	var wire bytes.Buffer
	for range depth {
		fmt.Fprintf(&wire, "GET %s HTTP/1.1\r\nHost: bench.local\r\n", path)
		for _, f := range fields {
			fmt.Fprintf(&wire, "%s: %s\r\n", f.Name, f.Value)
		}
		wire.WriteString("\r\n")
	}
	return Request{Wire: wire.Bytes(), Count: depth, Status: status, Length: length}
}

// Plan is one slice of load on one server.
type Plan struct {
	Addr        netip.AddrPort
	Requests    []Request     // sent in turn, all connections sharing one cursor
	Connections int           // open at the same time, at least 1
	Close       bool          // one request per connection
	Rate        float64       // requests per second of an open loop, spread evenly; 0 is a closed loop
	Warmup      time.Duration // load before the measuring starts, on the same connections
	Duration    time.Duration // of the measuring
	CPU         int           // for the generator; negative leaves it to the scheduler

	// Started and Stopped, if not nil, are called on the generator's thread when the measuring starts and stops. They
	// read the server's accounts, and should take far less time than the slice.
	Started, Stopped func()
}

func (p *Plan) check() error {
	switch {
	case !p.Addr.IsValid():
		return errors.New("load: the plan has no address")
	case len(p.Requests) == 0:
		return errors.New("load: the plan has no requests")
	case p.Connections < 1:
		return fmt.Errorf("load: %d connections", p.Connections)
	case p.Duration <= 0 || p.Warmup < 0:
		return fmt.Errorf("load: a slice of %v after %v", p.Duration, p.Warmup)
	}
	for i := range p.Requests {
		if r := &p.Requests[i]; r.Count < 1 || len(r.Wire) == 0 || p.Close && r.Count > 1 {
			return fmt.Errorf("load: request %d cannot be sent in this plan", i)
		}
	}
	return nil
}

// Result is what one slice gave, warm-up left out.
type Result struct {
	Requests int64         // answers that were complete and as expected
	Bytes    int64         // received, heads included
	Elapsed  time.Duration // of the measuring
	CPU      time.Duration // CPU time of the generator
	Latency  Latency
	Errors   Errors
	Late     int64 // open loop: requests sent more than a millisecond after their time
	Unsent   int64 // open loop: requests whose time came and which never were sent
}

// Rate is the achieved rate in requests per second.
func (r *Result) Rate() float64 { return float64(r.Requests) / r.Elapsed.Seconds() }

// Share is the part of one CPU, 0 to 1, that the generator took.
func (r *Result) Share() float64 { return r.CPU.Seconds() / r.Elapsed.Seconds() }

// Latency is how long answers took: from the send (open loop: from the intended time) to their last byte. Zero when it
// is not known.
type Latency struct {
	P50  time.Duration `json:"p50"`
	P90  time.Duration `json:"p90"`
	P99  time.Duration `json:"p99"`
	P999 time.Duration `json:"p999"`
	Max  time.Duration `json:"max"`
}

// Errors counts answers that do not count, by what was wrong with them.
type Errors struct {
	Connect   int64  `json:"connect,omitempty"`   // no connection
	Status    int64  `json:"status,omitempty"`    // another status code than expected
	Length    int64  `json:"length,omitempty"`    // content of another length than expected
	Malformed int64  `json:"malformed,omitempty"` // not HTTP
	Broken    int64  `json:"broken,omitempty"`    // reset or ended before the answer was complete
	First     string `json:"first,omitempty"`     // the first of them in words
}

// Total is the number of errors of all kinds.
func (e *Errors) Total() int64 { return e.Connect + e.Status + e.Length + e.Malformed + e.Broken }

func (e *Errors) note(counter *int64, format string, args ...any) {
	*counter++
	if e.First == "" {
		e.First = fmt.Sprintf(format, args...)
	}
}
