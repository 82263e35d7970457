package pool

import (
	"io"
	"os"
	"syscall"
)

// ReadAt reads from the file at an offset (io.ReaderAt), for who cannot have the kernel send it. The caller holds a
// reference.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	for total := 0; ; {
		n, err := syscall.Pread(f.fd, p[total:], off+int64(total))
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return total, os.NewSyscallError("pread", err)
		}
		if total += n; total == len(p) {
			return total, nil
		}
		if n == 0 {
			return total, io.EOF
		}
	}
}
