package authbasic

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// userFile is a user file in memory. It is immutable.
type userFile struct {
	hashes map[string]string
	first  string // the hash of the first line
	stamp  stamp
	racy   bool // it may have changed again without its stamp showing it
}

// stamp is what tells that a file has changed.
type stamp struct {
	mtime  time.Time
	size   int64
	device uint64
	inode  uint64
}

// files are the user files read so far, by path.
type files struct {
	mu    sync.Mutex
	known map[string]*userFile
}

// load returns the file as it is now. It may wait for the disk.
func (f *files) load(path string) (*userFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	u := f.known[path]
	f.mu.Unlock()
	if u != nil && !u.racy && u.stamp == stampOf(info) {
		return u, nil
	}
	if u, err = read(path); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		f.known = map[string]*userFile{}
	}
	for other := range f.known {
		if len(f.known) < maxFiles {
			break
		}
		delete(f.known, other)
	}
	f.known[path] = u
	return u, nil
}

func stampOf(info os.FileInfo) stamp {
	s := stamp{mtime: info.ModTime(), size: info.Size()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		s.device, s.inode = uint64(st.Dev), st.Ino
	}
	return s
}

// racyFor is how long after a change another one may leave the same time, with room for file systems of whole seconds.
const racyFor = 2 * time.Second

func read(path string) (*userFile, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxFile {
		return nil, fmt.Errorf("authbasic: %d bytes are too many for a user file", info.Size())
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxFile))
	if err != nil {
		return nil, err
	}
	u := parse(text)
	u.stamp = stampOf(info)
	u.racy = time.Since(info.ModTime()) < racyFor
	return u, nil
}

// parse reads the lines of a user file (ngx_http_auth_basic_handler).
func parse(text []byte) *userFile {
	u := &userFile{hashes: map[string]string{}}
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		if len(line) == 0 || line[0] == '#' || line[0] == '\r' {
			continue
		}
		name, hash, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue
		}
		if i := bytes.IndexAny(hash, ":\r"); i >= 0 {
			hash = hash[:i]
		}
		if _, twice := u.hashes[string(name)]; twice {
			continue
		}
		if len(u.hashes) == 0 {
			u.first = string(hash)
		}
		u.hashes[string(name)] = string(hash)
	}
	return u
}
