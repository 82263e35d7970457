package loop

import (
	"sync/atomic"
	"time"
)

// Clock is the coarse time of a process: refreshed by the reactors' ticks, never per request. Any goroutine may read it.
type Clock struct {
	line atomic.Pointer[Date]
}

// Date is one second of wall-clock time in the forms a server needs. It is immutable.
type Date struct {
	Unix int64    // seconds since 1970
	HTTP [29]byte // IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7)
}

// Now returns the current second. The wall clock is used, so it follows corrections of the system time; time-outs do not
// (they count ticks of the monotonic clock).
func (c *Clock) Now() *Date {
	if d := c.line.Load(); d != nil {
		return d
	}
	return c.refresh(time.Now())
}

// refresh renders now if its second is not the one held. It allocates once a second. A reactor that was interrupted behind reading
// the clock is late with the second before: the time does not go back for that.
func (c *Clock) refresh(now time.Time) *Date {
	sec := now.Unix()
	if d := c.line.Load(); d != nil && (d.Unix == sec || d.Unix == sec+1) {
		return d
	}
	d := &Date{Unix: sec}
	copy(d.HTTP[:], now.UTC().AppendFormat(make([]byte, 0, 29), "Mon, 02 Jan 2006 15:04:05 GMT"))
	c.line.Store(d)
	return d
}
