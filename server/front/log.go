package front

// Hot: writes a line for every request; no allocation, no defer.

import (
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/script"
)

// accessLog is one access_log in effect.
type accessLog struct {
	file   *logFile // nil when name has variables
	name   value
	format *logFormat
	cond   *value
}

// logFormat is a log_format.
type logFormat struct {
	line   *script.Script
	escape script.Escape
}

const combined = `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"`

// logFormats compiles log_format.
func (b *builder) logFormats(s *scope) {
	parts, _ := conf.Compile(combined) // a constant, and sound
	b.formats["combined"] = b.logFormat(conf.LogFormat{Script: parts})
	for _, d := range s.own["log_format"] {
		if f, ok := d.Value.(conf.LogFormat); ok {
			b.formats[strings.ToLower(f.Name)] = b.logFormat(f)
		}
	}
}

func (b *builder) logFormat(f conf.LogFormat) *logFormat {
	escape, _ := script.ParseEscape(f.Escape)
	return &logFormat{script.New(f.Script, b.table), escape}
}

// accessLogs compiles access_log; none at all is Options.AccessLog.
func (b *builder) accessLogs(s *scope) (list []accessLog) {
	lines := s.all("access_log")
	for _, d := range lines {
		a, _ := d.Value.(conf.AccessLog)
		if a.Off {
			return nil
		}
		name, plain := a.Target.Constant()
		if strings.HasPrefix(name, "syslog:") {
			b.fail(d, `access_log to "%s" is not written`, d.Args[0])
			continue
		}
		l := accessLog{format: b.formats[strings.ToLower(a.Format)]}
		if plain {
			l.file = b.logFiles.get(b.path(name), int(a.Buffer), milliseconds(a.Flush))
		} else {
			l.name = b.rooted(a.Target, false)
		}
		if len(a.If) > 0 {
			cond := b.script(a.If)
			l.cond = &cond
		}
		list = append(list, l)
	}
	if lines == nil {
		list = append(list, accessLog{file: b.logFiles.get(b.path(b.opt.AccessLog), 0, 0), format: b.formats["combined"]})
	}
	return list
}

// accessLog writes the lines of a request; see server.Config.AccessLog.
func (rt *Runtime) accessLog(e *server.Entry) {
	if r := requestOf(e.Ctx); r.loc != nil {
		r.logAccess()
	}
}

// logAccess writes the lines of the request.
func (r *request) logAccess() {
	for i := range r.loc.logs {
		l := &r.loc.logs[i]
		if l.cond != nil {
			r.buf = l.cond.append(r.c, r.buf[:0])
			if len(r.buf) == 0 || string(r.buf) == "0" {
				continue
			}
		}
		r.buf = append(l.format.line.AppendLog(r.c, r.buf[:0], l.format.escape), '\n')
		if l.file == nil {
			r.name = l.name.append(r.c, r.name[:0])
			appendTo(string(r.name), r.buf)
			continue
		}
		l.file.write(r.buf)
	}
}

// appendTo writes a line to a file whose name is known with the request only. As in NGINX, what cannot be written is lost.
func appendTo(name string, line []byte) {
	f, err := errlog.OpenAppend(name)
	if err != nil {
		return
	}
	_, _ = f.Write(line)
	_ = f.Close()
}

// logFiles are the files of a configuration, each opened once.
type logFiles struct {
	list []*logFile
}

func newLogFiles() *logFiles { return new(logFiles) }

func (l *logFiles) get(name string, buffer int, flush time.Duration) *logFile {
	for _, f := range l.list {
		if f.name == name {
			f.limit = max(f.limit, buffer)
			return f
		}
	}
	f := &logFile{name: name, limit: buffer, flush: flush}
	l.list = append(l.list, f)
	return f
}

// open opens all files.
func (l *logFiles) open() error {
	var faults []error
	for _, f := range l.list {
		if err := f.reopen(); err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// logFile is a file that lines are appended to, at once or through a buffer. Any goroutine may write.
type logFile struct {
	name  string
	file  atomic.Pointer[os.File]
	limit int
	flush time.Duration

	mu     sync.Mutex // guards the two below
	buffer []byte
	timer  *time.Timer
}

// reopen opens the file anew, and closes the old one.
func (f *logFile) reopen() error {
	file, err := errlog.OpenAppend(f.name)
	if err != nil {
		return err
	}
	f.drain()
	if old := f.file.Swap(file); old != nil {
		return old.Close()
	}
	return nil
}

// write appends one line.
func (f *logFile) write(line []byte) {
	if f.limit == 0 {
		if file := f.file.Load(); file != nil {
			_, _ = file.Write(line) // a full disk must not stop the server
		}
		return
	}
	f.mu.Lock()
	if len(f.buffer)+len(line) > f.limit {
		f.send()
	}
	if f.buffer = append(f.buffer, line...); len(f.buffer) == len(line) && f.flush > 0 {
		f.timer = time.AfterFunc(f.flush, f.drain)
	}
	f.mu.Unlock()
}

// drain writes what is gathered.
func (f *logFile) drain() {
	f.mu.Lock()
	f.send()
	f.mu.Unlock()
}

func (f *logFile) send() {
	if file := f.file.Load(); file != nil && len(f.buffer) > 0 {
		_, _ = file.Write(f.buffer)
	}
	f.buffer = f.buffer[:0]
}

// close writes what is gathered and closes the file.
func (f *logFile) close() {
	f.drain()
	if old := f.file.Swap(nil); old != nil {
		_ = old.Close()
	}
}
