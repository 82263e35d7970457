package static

import (
	"os"

	"golang.org/x/sys/unix"
)

// openDir opens the root. Where openat2 is missing or forbidden (before Linux 5.6, some containers), os.Root stands in.
func (r *root) openDir() error {
	fd, err := unix.Open(r.dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("open", err)
	}
	probe, err := unix.Openat2(fd, ".", &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH})
	if err == nil {
		_ = unix.Close(probe)
		r.fd = fd
		return nil
	}
	_ = unix.Close(fd)
	r.os, err = os.OpenRoot(r.dir)
	return err
}

// open opens a path relative to the root, never waiting, and stats it. A directory is opened, too, to be listed.
func (r *root) open(rel string) (fd int, info fileInfo, err error) {
	if rel == "" {
		rel = "."
	}
	if r.os != nil {
		return r.openPortable(rel)
	}
	how := unix.OpenHow{Flags: unix.O_RDONLY | unix.O_NONBLOCK | unix.O_CLOEXEC | unix.O_NOCTTY, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	switch r.policy {
	case Beneath:
		how.Resolve |= unix.RESOLVE_BENEATH
	case None:
		how.Resolve |= unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS
	}
	for try := 0; ; try++ {
		fd, err = unix.Openat2(r.fd, rel, &how)
		// EAGAIN: a rename somewhere in the path made the kernel doubt its answer.
		if err == nil || try == 8 || err != unix.EINTR && err != unix.EAGAIN {
			break
		}
	}
	if err != nil {
		return -1, info, err
	}
	if info, err = stat(fd); err != nil {
		_ = unix.Close(fd)
		return -1, info, err
	}
	return fd, info, nil
}

// readAhead has the kernel fetch a file, so that the reactor that sends it need not wait for the disk.
func readAhead(fd int, size int64) {
	_ = unix.Fadvise(fd, 0, min(size, readAheadMax), unix.FADV_WILLNEED)
}
