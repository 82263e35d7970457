package static

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// openPortable opens beneath the root with os.Root, which walks the path itself.
func (r *root) openPortable(rel string) (int, fileInfo, error) {
	st, err := r.os.Lstat(rel)
	if err == nil && r.policy == None && st.Mode()&os.ModeSymlink != 0 {
		err = unix.ELOOP
	}
	if err != nil {
		return -1, fileInfo{}, err
	}
	f, err := r.os.OpenFile(rel, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return -1, fileInfo{}, err
	}
	defer func() { _ = f.Close() }()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1, fileInfo{}, err
	}
	info, err := stat(fd)
	if err != nil {
		_ = unix.Close(fd)
		return -1, info, err
	}
	return fd, info, nil
}

func stat(fd int) (info fileInfo, err error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return info, os.NewSyscallError("fstat", err)
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		info.dir = true
	case unix.S_IFREG:
	default:
		return info, errSpecial
	}
	info.dev, info.ino, info.size = uint64(st.Dev), st.Ino, st.Size
	info.mtimeNs = st.Mtim.Nano()
	return info, nil
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
