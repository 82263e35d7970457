package middleware

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// LimitStatus is what became of a request at a RateLimit (NGINX $limit_req_status).
type LimitStatus uint8

// The values of LimitStatus.
const (
	NotLimited LimitStatus = iota // no RateLimit counted the request
	Passed
	Delayed
	Rejected
	DelayedDryRun
	RejectedDryRun
)

// String returns NGINX's word.
func (s LimitStatus) String() string {
	return [...]string{"", "PASSED", "DELAYED", "REJECTED", "DELAYED_DRY_RUN", "REJECTED_DRY_RUN"}[min(s, RejectedDryRun)]
}

// limitNote is what one RateLimit made of a request.
type limitNote struct {
	by     *RateLimit
	excess int64
	status LimitStatus
}

// ProcessResponse tells the client how much of its limits is left, when Headers says so. Each RateLimit writes the lists of
// all, so that the outermost one completes them.
func (m *RateLimit) ProcessResponse(c *pipeline.Ctx) error {
	n := peek(c)
	if !m.Headers || n == nil || len(n.limits) == 0 {
		return nil
	}
	n.line = n.line[:0]
	for i := range n.limits {
		if n.limits[i].by.Headers {
			n.line = n.limits[i].appendPolicy(n.line)
		}
	}
	if err := c.SetHeaderBytes("RateLimit-Policy", n.line); err != nil {
		return err
	}
	n.line = n.line[:0]
	for i := range n.limits {
		if n.limits[i].by.Headers {
			n.line = n.limits[i].appendLeft(n.line)
		}
	}
	return c.SetHeaderBytes("RateLimit", n.line)
}

// appendPolicy appends an element of RateLimit-Policy: the quota of a full burst, and how long it takes to come back.
func (l *limitNote) appendPolicy(b []byte) []byte {
	b = l.appendName(b, ";q=")
	b = http1.AppendUint(b, uint64(l.by.burst/1000+1))
	b = append(b, ";w="...)
	return http1.AppendUint(b, uint64(ceilDiv(l.by.burst+1000, l.by.rate)))
}

// appendLeft appends an element of RateLimit: the requests that would pass now, and the seconds until the quota is whole.
func (l *limitNote) appendLeft(b []byte) []byte {
	inside := l.excess + 1000 // thousandths that have to drain
	if l.excess > l.by.burst {
		inside -= 1000 // this request was not counted
	}
	b = l.appendName(b, ";r=")
	b = http1.AppendUint(b, uint64(max(l.by.burst-l.excess, 0)/1000))
	b = append(b, ";t="...)
	return http1.AppendUint(b, uint64(ceilDiv(inside, l.by.rate)))
}

func (l *limitNote) appendName(b []byte, behind string) []byte {
	if len(b) > 0 {
		b = append(b, ", "...)
	}
	b = append(b, '"')
	b = append(b, l.by.Name...)
	b = append(b, '"')
	return append(b, behind...)
}

// limit returns what m made of the request, nil when it did not count it.
func (n *notes) limit(m *RateLimit) *limitNote {
	for i := range n.limits {
		if n.limits[i].by == m {
			return &n.limits[i]
		}
	}
	return nil
}

// RateLimitStatus returns what became of a request at the last RateLimit it passed.
func RateLimitStatus(c *pipeline.Ctx) LimitStatus {
	if n := peek(c); n != nil && len(n.limits) > 0 {
		return n.limits[len(n.limits)-1].status
	}
	return NotLimited
}
