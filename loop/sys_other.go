//go:build !linux

package loop

// The same calls with what every Unix has: enough to develop on, with files copied instead of sent by the kernel.

import (
	"errors"

	"golang.org/x/sys/unix"
)

func errnoOf(n int, err error) (int, unix.Errno) {
	if err == nil {
		return n, 0
	}
	var errno unix.Errno
	if !errors.As(err, &errno) {
		errno = unix.EIO
	}
	return max(n, 0), errno
}

func recv(fd int, b []byte) (int, unix.Errno) { return errnoOf(unix.Read(fd, b)) }

func quiet(fd int) bool {
	var b [1]byte
	_, _, err := unix.Recvfrom(fd, b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	return err == unix.EAGAIN
}

func connectTo(fd int, s *DialSpec) unix.Errno {
	_, errno := errnoOf(0, unix.Connect(fd, s.sockaddr()))
	return errno
}

// undelivered is not asked for here.
func undelivered(int) int { return 0 }

func send(fd int, b []byte, _ bool) (int, unix.Errno) { return errnoOf(unix.Write(fd, b)) }

// sendmsg writes the first non-empty buffer; the caller repeats for the rest.
func sendmsg(fd int, vec []unix.Iovec, _ bool) (int, unix.Errno) {
	total := 0
	for i := range vec {
		if vec[i].Len == 0 {
			continue
		}
		n, errno := send(fd, iovecBytes(&vec[i]), false)
		total += n
		if errno != 0 && total == 0 {
			return 0, errno
		}
		if errno != 0 || n < int(vec[i].Len) {
			break
		}
	}
	return total, 0
}

func sendfile(fd, file int, off int64, n int) (int, unix.Errno) {
	buf := make([]byte, min(n, 64<<10))
	got, err := unix.Pread(file, buf, off)
	if err != nil || got == 0 {
		return errnoOf(0, err)
	}
	return send(fd, buf[:got], false)
}

func readCached(file int, b []byte, off int64) (int, unix.Errno) {
	return errnoOf(unix.Pread(file, b, off))
}

func accept(fd int) (int, peerAddr, unix.Errno) {
	nfd, sa, err := unix.Accept(fd)
	if err != nil {
		_, errno := errnoOf(0, err)
		return -1, peerAddr{}, errno
	}
	unix.CloseOnExec(nfd)
	_ = unix.SetNonblock(nfd, true)
	return nfd, peerOf(sa), 0
}

func closeFd(fd int) { _ = unix.Close(fd) }

func acceptExhausted(errno unix.Errno) bool {
	return errno == unix.EMFILE || errno == unix.ENFILE || errno == unix.ENOBUFS || errno == unix.ENOMEM
}
