//go:build !linux

package limit

// booted is the time at began, in milliseconds, which is the same to all processes unless the clock was set between their starts.
var booted = began.UnixMilli()
