package static

import (
	"errors"
	"fmt"
	"os"
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
)

// root is a directory that files are opened beneath. Any goroutine may use it.
type root struct {
	dir    string
	fd     int // O_PATH descriptor, or -1 where os.Root is used
	os     *os.Root
	policy Symlinks
}

// fileInfo is what serving needs of a stat.
type fileInfo struct {
	dev, ino uint64
	size     int64
	mtimeNs  int64
	dir      bool
}

func (i *fileInfo) mtime() int64 { return i.mtimeNs / 1e9 }

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
	r := &root{dir: dir, fd: -1, policy: policy}
	if err := r.openDir(); err != nil {
		return nil, fmt.Errorf("static: %s: %w", dir, err)
	}
	return r, nil
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
