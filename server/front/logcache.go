package front

import (
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
)

// logCache keeps the files of access logs open whose names have variables (open_log_file_cache): at most a number of them,
// those used last, and only what was used often enough. Any goroutine may write.
type logCache struct {
	max, minUses    int
	inactive, valid time.Duration

	mu    sync.Mutex // guards the two below and the files while they are written to
	files map[string]*cachedLog
	swept time.Time
}

// cachedLog is a name that was used, and its file once it was used often enough.
type cachedLog struct {
	file    *os.File
	uses    int
	used    time.Time
	checked time.Time
}

// logCache compiles open_log_file_cache, nil for none.
func (b *builder) logCache(s *scope) *logCache {
	d := s.one("open_log_file_cache")
	if d == nil {
		return nil
	}
	v, _ := d.Value.(conf.LogFileCache)
	if v.Max == 0 {
		return nil
	}
	return shared(b, fmt.Sprintf("open_log_file_cache %p", d), func() *logCache {
		c := &logCache{
			max: int(v.Max), minUses: int(v.MinUses), inactive: time.Duration(v.Inactive) * time.Second,
			valid: time.Duration(v.Valid) * time.Second, files: map[string]*cachedLog{},
		}
		b.logFiles.caches = append(b.logFiles.caches, c)
		return c
	})
}

// write appends a line to the file of a name, and returns the error of opening it. As in NGINX, what cannot be written is lost. c may
// be nil: nothing is kept.
func (c *logCache) write(name string, line []byte) error {
	if c == nil {
		return writeOnce(name, line)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	f := c.lookup(name, now)
	if f.uses++; f.uses < c.minUses {
		err := writeOnce(name, line)
		if err != nil {
			delete(c.files, name)
		}
		return err
	}
	if f.file == nil || now.Sub(f.checked) >= c.valid && moved(f.file, name) {
		f.close()
		var err error
		if f.file, err = errlog.OpenAppend(name); err != nil {
			delete(c.files, name)
			return err
		}
	}
	if now.Sub(f.checked) >= c.valid {
		f.checked = now
	}
	_, _ = f.file.Write(line)
	return nil
}

// lookup returns the entry of a name, a new one in the place of the one used longest ago.
func (c *logCache) lookup(name string, now time.Time) *cachedLog {
	if now.Sub(c.swept) >= c.inactive {
		c.swept = now
		for name, f := range c.files {
			if now.Sub(f.used) > c.inactive {
				f.close()
				delete(c.files, name)
			}
		}
	}
	f := c.files[name]
	if f == nil {
		if len(c.files) >= c.max {
			c.evict()
		}
		f = &cachedLog{checked: now}
		c.files[name] = f
	}
	f.used = now
	return f
}

// writeNamed writes a line to a file whose name has variables, if the root of the request is there: names that clients make up would
// fill the disk (ngx_http_log_script_write).
func (l *accessLog) writeNamed(r *request) {
	r.name = r.AppendRoot(r.c, r.name[:0])
	st, err := os.Stat(string(r.name))
	if err == nil && !st.IsDir() {
		err = syscall.ENOTDIR
	}
	if err != nil {
		r.Log("error", fmt.Sprintf(`testing "%s" existence failed %s while logging request`, r.name, errlog.Errno(err)))
		return
	}
	r.name = l.name.append(r.c, r.name[:0])
	if err := l.cache.write(string(r.name), r.buf); err != nil {
		r.Log("crit", fmt.Sprintf(`open() "%s" failed %s while logging request`, r.name, errlog.Errno(err)))
	}
}

// evict drops the entry that was used longest ago.
func (c *logCache) evict() {
	var oldest string
	for name, f := range c.files {
		if old := c.files[oldest]; old == nil || f.used.Before(old.used) {
			oldest = name
		}
	}
	c.files[oldest].close()
	delete(c.files, oldest)
}

// drop closes all files.
func (c *logCache) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.files {
		f.close()
	}
	clear(c.files)
}

func (f *cachedLog) close() {
	if f.file != nil {
		_ = f.file.Close()
		f.file = nil
	}
}

// moved tells whether the name means another file by now, or none.
func moved(f *os.File, name string) bool {
	open, err := f.Stat()
	named, err2 := os.Stat(name)
	return err != nil || err2 != nil || !os.SameFile(open, named)
}

// writeOnce opens a file for one line.
func writeOnce(name string, line []byte) error {
	f, err := errlog.OpenAppend(name)
	if err != nil {
		return err
	}
	_, _ = f.Write(line)
	return f.Close()
}
