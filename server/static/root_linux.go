package static

import (
	"os"

	"golang.org/x/sys/unix"
)

// searchFlags open a directory on the way to a file, which may be allowed to pass and not to read.
const searchFlags = unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC

// openDir opens a root. Where openat2 is missing or forbidden (before Linux 5.6, some containers), openDirPortable stands in.
func openDir(dir string) (dirHandle, error) {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return dirHandle{}, os.NewSyscallError("open", err)
	}
	probe, err := unix.Openat2(fd, ".", &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH})
	if err != nil {
		_ = unix.Close(fd)
		return openDirPortable(dir)
	}
	_ = unix.Close(probe)
	info, err := stat(fd)
	if err != nil {
		_ = unix.Close(fd)
		return dirHandle{}, err
	}
	return dirHandle{fd: fd, id: info.fileID}, nil
}

// openat opens a path beneath the directory that is held. The caller holds mu for reading.
func (r *root) openat(rel string) (fd int, err error) {
	if r.held.os != nil {
		return r.openPortable(rel)
	}
	if r.policy == SameOwner {
		return openSameOwner(r.dir, rel)
	}
	how := unix.OpenHow{Flags: openFlags, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	switch r.policy {
	case Beneath:
		how.Resolve |= unix.RESOLVE_BENEATH
	case None:
		how.Resolve |= unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS
	}
	for try := 0; ; try++ {
		fd, err = unix.Openat2(r.held.fd, rel, &how)
		// EAGAIN: a rename somewhere in the path made the kernel doubt its answer.
		if err == nil || try == 8 || err != unix.EINTR && err != unix.EAGAIN {
			return fd, err
		}
	}
}

// readAhead has the kernel fetch a file, so that the reactor that sends it need not wait for the disk.
func readAhead(fd int, size int64) {
	_ = unix.Fadvise(fd, 0, min(size, readAheadMax), unix.FADV_WILLNEED)
}
