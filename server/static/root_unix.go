package static

import (
	"io"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFlags never wait: O_NONBLOCK for a FIFO without a writer, O_NOCTTY for a terminal.
const openFlags = unix.O_RDONLY | unix.O_NONBLOCK | unix.O_CLOEXEC | unix.O_NOCTTY

// openDirPortable opens a root for openPortable.
func openDirPortable(dir string) (h dirHandle, err error) {
	h.fd = -1
	if h.os, err = os.OpenRoot(dir); err != nil {
		return h, err
	}
	st, err := h.os.Stat(".")
	if err != nil {
		h.close()
		return h, err
	}
	sys := st.Sys().(*syscall.Stat_t)
	h.id = fileID{uint64(sys.Dev), uint64(sys.Ino)}
	return h, nil
}

// openPortable opens beneath the root without the help of openat2: os.Root walks the path for Beneath, openNoLinks for
// None, and Follow needs no walk.
func (r *root) openPortable(rel string) (int, error) {
	switch r.policy {
	case None:
		return openNoLinks(r.dir, rel)
	case SameOwner:
		return openSameOwner(r.dir, rel)
	case Follow:
		return unix.Open(r.dir+"/"+rel, openFlags, 0)
	}
	f, err := r.held.os.OpenFile(rel, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return -1, err
	}
	defer func() { _ = f.Close() }()
	return unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
}

// openNoLinks opens segment by segment, so that a link anywhere in the path is an error. Each directory on the way must be
// readable.
func openNoLinks(dir, rel string) (int, error) {
	fd, err := unix.Open(dir, openFlags|unix.O_DIRECTORY, 0)
	for seg := range strings.SplitSeq(rel, "/") {
		if err != nil {
			return -1, err
		}
		if seg == "" {
			continue
		}
		up := fd
		fd, err = unix.Openat(up, seg, openFlags|unix.O_NOFOLLOW, 0)
		_ = unix.Close(up)
	}
	return fd, err
}

// openSameOwner opens segment by segment; what a link leads to must belong to whom the link belongs to.
func openSameOwner(dir, rel string) (int, error) {
	fd, err := unix.Open(dir, searchFlags, 0)
	rel = strings.TrimRight(rel, "/")
	for rest := rel; rest != "" && err == nil; {
		var seg string
		flags := openFlags
		if seg, rest, _ = strings.Cut(rest, "/"); seg == "" {
			continue
		}
		if rest != "" {
			flags = searchFlags
		}
		up := fd
		fd, err = openOwned(up, seg, flags)
		_ = unix.Close(up)
	}
	return fd, err
}

// openOwned opens one segment. The owner that counts is that of what was opened, so that a link which is turned meanwhile
// gains nothing.
func openOwned(dir int, seg string, flags int) (int, error) {
	var link, target unix.Stat_t
	if err := unix.Fstatat(dir, seg, &link, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return -1, err
	}
	if link.Mode&unix.S_IFMT != unix.S_IFLNK {
		return unix.Openat(dir, seg, flags|unix.O_NOFOLLOW, 0)
	}
	fd, err := unix.Openat(dir, seg, flags, 0)
	if err != nil {
		return -1, err
	}
	if err := unix.Fstat(fd, &target); err == nil && target.Uid == link.Uid {
		return fd, nil
	}
	_ = unix.Close(fd)
	return -1, unix.ELOOP
}

// identify returns what a path stands for, following links.
func identify(path string) (fileID, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return fileID{}, err
	}
	return fileID{uint64(st.Dev), uint64(st.Ino)}, nil
}

// stat describes an open file or directory; for anything else it returns errSpecial beside the rest.
func stat(fd int) (fileInfo, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return fileInfo{}, os.NewSyscallError("fstat", err)
	}
	return describeStat(&st)
}

// statAt describes an entry of an open directory. link tells that it is a symbolic link, which is not followed.
func statAt(dir int, name string) (info fileInfo, link bool, err error) {
	var st unix.Stat_t
	if err := unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return info, false, os.NewSyscallError("fstatat", err)
	}
	info, err = describeStat(&st)
	return info, st.Mode&unix.S_IFMT == unix.S_IFLNK, err
}

func describeStat(st *unix.Stat_t) (info fileInfo, err error) {
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		info.dir = true
	case unix.S_IFREG:
	default:
		err = errSpecial
	}
	info.fileID = fileID{uint64(st.Dev), uint64(st.Ino)}
	info.size = st.Size
	info.mtime, info.nsec = st.Mtim.Unix()
	return info, err
}

// readWhole reads a file of known size. It fails when the file is shorter or longer by now.
func readWhole(fd int, size int64) ([]byte, error) {
	b := make([]byte, size+1)
	n := 0
	for n < len(b) {
		got, err := unix.Pread(fd, b[n:], int64(n))
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, os.NewSyscallError("pread", err)
		}
		if got == 0 {
			break
		}
		n += got
	}
	if int64(n) != size {
		return nil, io.ErrUnexpectedEOF
	}
	return b[:n:n], nil
}
