package errlog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Target says where lines of a level and worse go: an error_log directive.
type Target struct {
	// To is "stderr", "syslog:server=...", or the path of a file.
	To    string
	Level Level
}

// Log is a set of targets. Its methods may be called from any goroutine.
type Log struct {
	targets []target
	most    Level // the most talkative level of the targets
	console atomic.Pointer[console]
	stderr  atomic.Bool // the first file is standard error, too
}

// console is where warnings and worse are repeated for whoever started the program.
type console struct{ w io.Writer }

// target is an open Target.
type target struct {
	level Level
	sink
}

// sink takes finished lines, with their end.
type sink interface {
	write(level Level, line []byte)
	reopen() error
	close()
}

// lines are the buffers that lines are made in.
var lines = sync.Pool{New: func() any { b := make([]byte, 0, MaxLine); return &b }}

// Open opens the targets. On an error nothing stays open; the error is NGINX's text for a file that cannot be opened.
func Open(targets ...Target) (*Log, error) {
	l := &Log{}
	for _, t := range targets {
		s, err := openSink(t.To)
		if err != nil {
			l.Close()
			return nil, err
		}
		l.targets = append(l.targets, target{t.Level, s})
		l.most = max(l.most, t.Level)
	}
	return l, nil
}

func openSink(to string) (sink, error) {
	switch {
	case to == "stderr":
		return &stream{os.Stderr}, nil
	case strings.HasPrefix(to, "syslog:"):
		s, err := ParseSyslog(to)
		if err != nil {
			return nil, err
		}
		return syslogSink{s}, nil
	case strings.HasPrefix(to, "memory:"):
		return nil, errors.New("errlog: logs are not kept in memory")
	}
	return openFile(to)
}

// Writer makes a log of one stream, for tests and for programs that bring their own.
func Writer(w io.Writer, level Level) *Log {
	return &Log{targets: []target{{level, &stream{w}}}, most: level}
}

// Console repeats warnings and worse on w as "nginx: [level] text", until it is called with nil. A log that has standard
// error among its targets does not repeat itself.
func (l *Log) Console(w io.Writer) {
	if w == nil {
		l.console.Store(nil)
		return
	}
	for _, t := range l.targets {
		if s, ok := t.sink.(*stream); ok && s.w == os.Stderr {
			return
		}
	}
	l.console.Store(&console{w})
}

// Explain shows text on the console only: what helps a person and does not belong into a log.
func (l *Log) Explain(text string) {
	if c := l.console.Load(); c != nil {
		_, _ = io.WriteString(c.w, text)
	}
}

// Enabled says whether any target takes lines of a level.
func (l *Log) Enabled(level Level) bool {
	return level <= l.most || level <= Warn && l.console.Load() != nil
}

// Printf writes a line that belongs to no connection.
func (l *Log) Printf(level Level, format string, args ...any) {
	if l.Enabled(level) {
		l.Write(level, 0, fmt.Sprintf(format, args...))
	}
}

// Write writes a line. Conn is the number of the connection it is about, 0 for none. Control characters in text are
// escaped.
func (l *Log) Write(level Level, conn uint64, text string) {
	b := lines.Get().(*[]byte)
	if level <= l.most {
		*b = appendLine((*b)[:0], time.Now(), level, conn, text)
		for _, t := range l.targets {
			if level <= t.level {
				t.write(level, *b)
			}
		}
	}
	if c := l.console.Load(); c != nil && level <= Warn {
		*b = append(append(append((*b)[:0], "nginx: ["...), level.String()...), "] "...)
		*b = append(appendPlain(*b, text), '\n')
		_, _ = c.w.Write(*b)
	}
	lines.Put(b)
}

// Reopen opens the files anew, for a log that was moved away. A file that cannot be opened keeps its old descriptor.
func (l *Log) Reopen() error {
	var faults []error
	for _, t := range l.targets {
		faults = append(faults, t.reopen())
	}
	if l.stderr.Load() {
		faults = append(faults, l.TakeStderr())
	}
	return errors.Join(faults...)
}

// Close closes the targets.
func (l *Log) Close() {
	for _, t := range l.targets {
		t.close()
	}
}

// stream is a target that is neither opened nor closed here.
type stream struct{ w io.Writer }

func (s *stream) write(_ Level, line []byte) { _, _ = s.w.Write(line) }
func (s *stream) reopen() error              { return nil }
func (s *stream) close()                     {}
