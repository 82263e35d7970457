package limit

import (
	"time"

	"golang.org/x/sys/unix"
)

// booted is the time of the system's monotonic clock at began, in milliseconds: that clock is the same to all processes.
var booted = func() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return began.UnixMilli()
	}
	return (time.Duration(ts.Nano()) - time.Since(began)).Milliseconds()
}()
