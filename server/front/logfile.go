package front

// Hot: writes a line for every request; no allocation, no defer.

import (
	"compress/gzip"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// logFiles are what the access logs of a configuration write to, each opened once.
type logFiles struct {
	list    []*logFile
	caches  []*logCache
	syslogs map[string]*errlog.Syslog
}

func newLogFiles() *logFiles { return &logFiles{syslogs: map[string]*errlog.Syslog{}} }

// get returns the file of a name. level compresses it, 0 does not.
func (l *logFiles) get(name string, buffer int, flush time.Duration, level int) *logFile {
	for _, f := range l.list {
		if f.name == name {
			f.limit = max(f.limit, buffer)
			return f
		}
	}
	f := &logFile{name: name, limit: buffer, flush: flush, level: level}
	l.list = append(l.list, f)
	return f
}

// syslog returns the server that a target names.
func (l *logFiles) syslog(target string) (*errlog.Syslog, error) {
	if s := l.syslogs[target]; s != nil {
		return s, nil
	}
	s, err := errlog.ParseSyslog(target)
	if err == nil {
		l.syslogs[target] = s
	}
	return s, err
}

// close writes what is gathered, and closes everything.
func (l *logFiles) close() {
	for _, f := range l.list {
		f.close()
	}
	for _, c := range l.caches {
		c.drop()
	}
	for _, s := range l.syslogs {
		s.Close()
	}
}

// open opens all files, and tells log of what cannot be written.
func (l *logFiles) open(log *errlog.Log) error {
	for _, f := range l.list {
		f.log = log
	}
	return l.reopen()
}

// reopen opens all files anew.
func (l *logFiles) reopen() error {
	var faults []error
	for _, c := range l.caches {
		c.drop()
	}
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
	level int // of the compression of what is gathered; 0 for none
	log   *errlog.Log
	told  atomic.Int64 // when the error log was told of a failure, in seconds since 1970

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
			_, err := file.Write(line)
			f.failed(err)
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

// failed tells the error log, once a minute at most, of a line that could not be written. The server goes on: a full disk must not
// stop it.
func (f *logFile) failed(err error) {
	if err == nil || f.log == nil {
		return
	}
	if now, then := time.Now().Unix(), f.told.Load(); now-then > 59 && f.told.CompareAndSwap(then, now) {
		f.log.Printf(errlog.Alert, `write() to "%s" failed %s`, f.name, errlog.Errno(err))
	}
}

// drain writes what is gathered.
func (f *logFile) drain() {
	f.mu.Lock()
	f.send()
	f.mu.Unlock()
}

func (f *logFile) send() {
	file := f.file.Load()
	switch {
	case file == nil || len(f.buffer) == 0:
	case f.level > 0: // one member of a gzip file for each buffer
		if z, err := gzip.NewWriterLevel(file, f.level); err == nil {
			_, _ = z.Write(f.buffer) // Close has its error
			f.failed(z.Close())
		}
	default:
		_, err := file.Write(f.buffer)
		f.failed(err)
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
