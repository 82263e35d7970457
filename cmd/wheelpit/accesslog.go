package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/wheelpit/wheelpit/pipeline/middleware"
	"github.com/wheelpit/wheelpit/server"
)

// accessLog prints one readable line a request: time, status, method, target, size, duration. A slow terminal does not slow
// the reactors: see middleware.LogBuffer.
type accessLog struct {
	out   *middleware.LogBuffer
	color bool
}

const logEvery = 100 * time.Millisecond // how often lines are written

func newAccessLog(w io.Writer) *accessLog {
	l := &accessLog{out: middleware.NewLogBuffer(w, logEvery), color: isTerminal(w)}
	l.out.OnDrop = func(w io.Writer, n int) {
		_, _ = fmt.Fprintf(w, "(%d requests not shown: the terminal is too slow)\n", n)
	}
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
	var line [512]byte
	_, _ = l.out.Write(appendEntry(line[:0], e, time.Now(), l.color))
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
	b = middleware.AppendEscaped(b, e.Method)
	b = append(b, ' ')
	b = middleware.AppendEscaped(b, e.Target)
	b = append(b, ' ')
	b = strconv.AppendInt(b, e.Bytes, 10)
	b = append(b, "B "...)
	b = append(b, e.Took().Round(time.Microsecond).String()...)
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

// Close writes what is left.
func (l *accessLog) Close() { _ = l.out.Close() }
