package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/wheelpit/wheelpit/server"
)

// accessLog prints one readable line a request: time, status, method, target, size, duration. Lines are gathered and
// written a few times a second, so that a slow terminal does not slow the reactors; when it falls far behind, lines are
// dropped and counted, never waited for.
type accessLog struct {
	mu      sync.Mutex
	lines   []byte
	dropped int
	color   bool
	out     *bufio.Writer
	stop    chan struct{}
	done    chan struct{}
}

const (
	logPending = 1 << 20                // bytes that may wait to be written
	logEvery   = 100 * time.Millisecond // how often they are written
)

func newAccessLog(w io.Writer) *accessLog {
	l := &accessLog{out: bufio.NewWriter(w), color: isTerminal(w), stop: make(chan struct{}), done: make(chan struct{})}
	go l.run()
	return l
}

// isTerminal tells whether colours make sense on w (NO_COLOR is honoured).
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

// Log notes a request. It is called on reactors and workers.
func (l *accessLog) Log(e *server.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) > logPending {
		l.dropped++
		return
	}
	l.lines = appendEntry(l.lines, e, time.Now(), l.color)
}

// appendEntry appends the line of a request. What the client sent is escaped: a log must not move a terminal's cursor.
func appendEntry(b []byte, e *server.Entry, now time.Time, color bool) []byte {
	b = now.AppendFormat(b, "15:04:05 ")
	if color {
		b = append(b, "\x1b["...)
		b = append(b, statusColor(e.Status)...)
		b = append(b, 'm')
	}
	b = strconv.AppendInt(b, int64(e.Status), 10)
	if color {
		b = append(b, "\x1b[0m"...)
	}
	b = append(b, ' ')
	b = appendEscaped(b, e.Method)
	b = append(b, ' ')
	b = appendEscaped(b, e.Target)
	b = append(b, ' ')
	b = strconv.AppendInt(b, e.Bytes, 10)
	b = append(b, "B "...)
	b = append(b, e.Took.Round(time.Microsecond).String()...)
	if e.Reason != "" {
		b = append(b, " ("...)
		b = append(b, e.Reason...)
		b = append(b, ')')
	}
	return append(b, '\n')
}

func statusColor(status int) string {
	switch {
	case status < 300:
		return "32"
	case status < 400:
		return "36"
	case status < 500:
		return "33"
	}
	return "31"
}

// appendEscaped appends p with everything but printable ASCII as \xHH.
func appendEscaped(b, p []byte) []byte {
	const hex = "0123456789ABCDEF"
	if len(p) == 0 {
		return append(b, '-')
	}
	for _, c := range p {
		if c > 0x20 && c < 0x7f && c != '\\' && c != '"' {
			b = append(b, c)
			continue
		}
		b = append(b, '\\', 'x', hex[c>>4], hex[c&15])
	}
	return b
}

func (l *accessLog) run() {
	defer close(l.done)
	tick := time.NewTicker(logEvery)
	defer tick.Stop()
	var spare []byte
	for {
		last := false
		select {
		case <-tick.C:
		case <-l.stop:
			last = true
		}
		l.mu.Lock()
		lines, dropped := l.lines, l.dropped
		l.lines, l.dropped = spare[:0], 0
		l.mu.Unlock()
		_, _ = l.out.Write(lines)
		if dropped > 0 {
			fmt.Fprintf(l.out, "(%d requests not shown: the terminal is too slow)\n", dropped)
		}
		_ = l.out.Flush()
		if spare = lines; last {
			return
		}
	}
}

// Close writes what is left.
func (l *accessLog) Close() {
	close(l.stop)
	<-l.done
}
