package static

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
)

// Symlinks says which symbolic links are followed (NGINX disable_symlinks).
type Symlinks uint8

const (
	// Beneath follows links that stay within the root. The default.
	Beneath Symlinks = iota
	// None follows none (disable_symlinks on).
	None
	// Follow follows all, wherever they lead (disable_symlinks off, NGINX's default).
	Follow
	// SameOwner follows a link whose target belongs to the link's owner (disable_symlinks if_not_owner).
	SameOwner
)

// root is a directory that files are opened beneath. Any goroutine may use it.
//
// The directory is held open, so that a path cannot be led astray halfway. What its name stands for may change all the same:
// a link is turned to the next release, a build removes the directory and makes it anew. So each opening first compares the
// name with what is held, at the price of one stat, on workers only.
type root struct {
	dir    string
	policy Symlinks
	lazy   bool // nothing is served while the name stands for nothing, as in NGINX

	mu   sync.RWMutex // held for reading while a path is opened
	held dirHandle
}

// dirHandle is an open directory: fd, an O_PATH descriptor for openat2, or os where there is none.
type dirHandle struct {
	fd int // -1 where os is used
	os *os.Root
	id fileID
}

func (h *dirHandle) close() {
	if h.os != nil {
		_ = h.os.Close()
	}
	if h.fd >= 0 {
		_ = syscall.Close(h.fd)
	}
}

// fileID tells files apart.
type fileID struct{ dev, ino uint64 }

// fileInfo is what serving needs of a stat.
type fileInfo struct {
	fileID
	size  int64
	mtime int64 // seconds since 1970, rounded down
	nsec  int64
	dir   bool
}

// errSpecial is returned for what is neither a file nor a directory: a FIFO, a device, a socket.
var errSpecial = errors.New("static: not a regular file")

// openRoot opens the directory itself, following links.
func openRoot(dir string, policy Symlinks) (*root, error) {
	st, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("static: %w", err)
	}
	if !st.IsDir() {
		return nil, fmt.Errorf("static: %s is not a directory", dir)
	}
	r := &root{dir: dir, policy: policy}
	if r.held, err = openDir(dir); err != nil {
		return nil, fmt.Errorf("static: %s: %w", dir, err)
	}
	return r, nil
}

// open opens a path relative to the root, never waiting, and stats it. A directory is opened, too, to be listed. Absolute
// paths and ".." are refused whatever the policy: Follow is for links, and does not trust the parser alone.
func (r *root) open(rel string) (fd int, info fileInfo, err error) {
	switch {
	case rel == "":
		rel = "."
	case climbs(rel):
		return -1, info, syscall.EXDEV
	}
	missing := r.refresh()
	if missing != nil && r.lazy {
		return -1, info, missing
	}
	r.mu.RLock()
	if fd, err = -1, missing; r.held.fd >= 0 || r.held.os != nil {
		fd, err = r.openat(rel)
	} else if err == nil {
		err = syscall.ENOENT // dropped meanwhile
	}
	r.mu.RUnlock()
	if err != nil {
		return -1, info, err
	}
	if info, err = stat(fd); err != nil {
		_ = syscall.Close(fd)
		return -1, info, err
	}
	return fd, info, nil
}

// climbs reports whether a path is absolute or has a segment "..".
func climbs(rel string) bool {
	if rel[0] == '/' {
		return true
	}
	for seg := range strings.SplitSeq(rel, "/") {
		if seg == ".." {
			return true
		}
	}
	return false
}

// refresh opens the root anew when its name stands for another directory by now. While it stands for none that can be opened,
// the old one is kept, and the error says why.
func (r *root) refresh() error {
	now, err := identify(r.dir)
	if err != nil {
		return err
	}
	r.mu.RLock()
	same := now == r.held.id
	r.mu.RUnlock()
	if same {
		return nil
	}
	h, err := openDir(r.dir)
	if err != nil {
		return err
	}
	r.mu.Lock()
	h, r.held = r.held, h
	r.mu.Unlock()
	h.close() // does nothing for a root that was not open yet
	return nil
}

// drop closes the directory, when nobody uses the root any more.
func (r *root) drop() {
	r.mu.Lock()
	r.held.close()
	r.held = dirHandle{fd: -1}
	r.mu.Unlock()
}

// statusOf returns the status that answers a failure to open: what is not there is 404, what must not be seen 403, and
// only running out of descriptors or memory is the server's fault.
func statusOf(err error) int {
	switch {
	case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ENAMETOOLONG), errors.Is(err, syscall.EINVAL):
		return 404
	case errors.Is(err, errSpecial), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM),
		errors.Is(err, syscall.ELOOP), errors.Is(err, syscall.EXDEV), errors.Is(err, syscall.ENXIO):
		return 403
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.ENOMEM):
		return 503
	}
	return 403 // os.Root's "path escapes from parent" and whatever else a file system thinks up
}
