package proxy

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// saving writes an answer to a file of its own (NGINX proxy_store): a temporary one, which gets its name when all of it is there,
// so that nobody ever reads half an answer. Writing is copying into the page cache: the reactor does it.
type saving struct {
	path string
	file *os.File
	size int64
	err  error
}

// on tells whether the answer is being written.
func (s *saving) on() bool { return s.file != nil }

// save begins to write the answer when the location says so and it is one that can be written: a whole one, status 200, with a
// body. The request is suspended, or its worker waits: the reactor may look at it.
func (x *call) save() {
	cfg := &x.h.cfg
	if cfg.StoreTo == nil || x.res.Status != 200 || x.method == http1.MethodHead || x.c.Head.Method == http1.MethodHead {
		return
	}
	if cfg.Ignore&IgnoreAccelRedirect == 0 && x.res.Has(http1.XAccelRedirect) {
		return
	}
	s := &x.saved
	if s.path = string(cfg.StoreTo(x.c, nil)); s.path == "" {
		return
	}
	f, err := createTemp(cfg.TempDir, cfg.TempLevels, "wheelpit-")
	if err != nil {
		x.note("crit", "open temporary file failed: "+errnoText(err))
		return
	}
	s.file = f
	if x.out == whole {
		s.write(x.raw[x.bodyAt:])
		s.end(x, nil)
	}
}

// write appends a piece of the body.
func (s *saving) write(p []byte) {
	if s.file != nil && s.err == nil {
		_, s.err = s.file.Write(p)
		s.size += int64(len(p))
	}
}

// end gives the file its name, when the answer is whole.
func (s *saving) end(x *call, err error) {
	if s.file == nil {
		return
	}
	if n := x.res.Length; n >= 0 && n != s.size {
		err = errClosed
	}
	if err == nil {
		if err = s.err; err == nil {
			err = s.finish(x)
		}
		if err != nil {
			x.note("crit", "proxy_store: \""+s.path+"\" failed: "+errnoText(err))
		}
	}
	if err != nil {
		_ = os.Remove(s.file.Name())
	}
	_ = s.file.Close()
	*s = saving{}
}

// abort leaves nothing of the file.
func (s *saving) abort() {
	if s.file != nil {
		_ = os.Remove(s.file.Name())
		_ = s.file.Close()
	}
	*s = saving{}
}

// finish sets rights and time of the file, and moves it to its place.
func (s *saving) finish(x *call) error {
	mode := x.h.cfg.StoreAccess
	if mode == 0 {
		mode = defaultStoreAccess
	}
	if err := s.file.Chmod(fs.FileMode(mode)); err != nil {
		return err
	}
	if v, ok := x.res.First(http1.LastModified); ok {
		if t, ok := http1.ParseDate(v.Of(x.raw)); ok {
			at := time.Unix(t, 0)
			_ = os.Chtimes(s.file.Name(), at, at)
		}
	}
	if err := os.MkdirAll(filepath.Dir(s.path), fs.FileMode(mode|mode&0o444>>2|0o700)); err != nil {
		return err
	}
	err := os.Rename(s.file.Name(), s.path)
	if errors.Is(err, syscall.EXDEV) {
		return s.copy(fs.FileMode(mode))
	}
	return err
}

// copy moves the file to another file system: by a copy beside its place, which then gets its name.
func (s *saving) copy(mode fs.FileMode) error {
	to, err := os.CreateTemp(filepath.Dir(s.path), ".wheelpit-")
	if err != nil {
		return err
	}
	if _, err = s.file.Seek(0, io.SeekStart); err == nil {
		_, err = io.Copy(to, s.file)
	}
	if err == nil {
		err = to.Chmod(mode)
	}
	if e := to.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(to.Name(), s.path)
	}
	if err != nil {
		_ = os.Remove(to.Name())
		return err
	}
	_ = os.Remove(s.file.Name())
	return nil
}
