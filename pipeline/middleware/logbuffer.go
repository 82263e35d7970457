package middleware

// Hot: Write runs for every request; no allocation once the buffers have grown.

import (
	"io"
	"sync"
	"time"
)

// LogBuffer gathers log lines in memory and writes them a few times a second from a goroutine of its own, so that neither
// a slow disk nor a slow terminal holds up a reactor (NGINX: access_log with buffer and flush). When the writer falls
// behind by more than LogPending bytes, lines are dropped and counted, never waited for. All methods may be called from any
// goroutine. An idle LogBuffer has no goroutine, and one that was closed can be used again.
type LogBuffer struct {
	// OnDrop, when set before the first Write, is told how many writes were dropped since the last time, once there is
	// room again; it may write a line about it to w.
	OnDrop func(w io.Writer, n int)

	mu      sync.Mutex // guards what follows; never held while writing
	lines   []byte
	dropped int
	armed   bool // timer will flush
	timer   *time.Timer
	every   time.Duration

	writing sync.Mutex // held while writing; taken before mu
	w       io.Writer
	spare   []byte
	err     error
}

// LogPending is how many bytes may wait to be written.
const LogPending = 1 << 20

// NewLogBuffer returns a buffer in front of w whose lines wait no longer than every.
func NewLogBuffer(w io.Writer, every time.Duration) *LogBuffer {
	l := &LogBuffer{w: w, every: every}
	l.timer = time.AfterFunc(time.Hour, l.write)
	l.timer.Stop()
	return l
}

// Write adds p, one or more whole lines. It copies p, does not wait, and never fails.
func (l *LogBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	if len(l.lines)+len(p) > LogPending {
		l.dropped++
		l.mu.Unlock()
		return len(p), nil
	}
	before := len(l.lines)
	l.lines = append(l.lines, p...)
	switch {
	case !l.armed:
		l.armed = true
		l.timer.Reset(l.every)
	case before < LogPending/4 && len(l.lines) >= LogPending/4:
		l.timer.Reset(0) // ahead of time, before there is no room
	}
	l.mu.Unlock()
	return len(p), nil
}

// write hands to the writer what was gathered.
func (l *LogBuffer) write() {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	lines, dropped := l.lines, l.dropped
	l.lines, l.dropped, l.armed = l.spare[:0], 0, false
	l.mu.Unlock()
	if len(lines) > 0 {
		if _, err := l.w.Write(lines); err != nil && l.err == nil {
			l.err = err
		}
	}
	if dropped > 0 && l.OnDrop != nil {
		l.OnDrop(l.w, dropped)
	}
	l.spare = lines
}

// Flush writes what was gathered and waits until it is written. It returns the first error of the writer since the last
// Flush; what could not be written is lost.
func (l *LogBuffer) Flush() error {
	l.write()
	l.writing.Lock()
	defer l.writing.Unlock()
	err := l.err
	l.err = nil
	return err
}

// Close is Flush. The writer stays open.
func (l *LogBuffer) Close() error { return l.Flush() }
