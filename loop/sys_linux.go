package loop

// Hot: the system calls of the request path.
//
// recv and send are used instead of read and write: they skip the file layer (fsnotify, rw_verify_area), which was
// measured at 5 to 10 % of a small request. The sockets are non-blocking, so these calls never wait and RawSyscall is
// right: it spares the scheduler's bookkeeping.

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// recv reads at most len(b) > 0 bytes.
func recv(fd int, b []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), 0, 0, 0)
	return int(n), errno
}

// quiet tells whether a socket has neither bytes nor an end or an error to tell of.
func quiet(fd int) bool {
	var b [1]byte
	_, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b)), 1, unix.MSG_PEEK|unix.MSG_DONTWAIT, 0, 0)
	return errno == unix.EAGAIN
}

// connectTo begins to connect to the address of s. On the same machine it does all that there is to do, and it never waits.
func connectTo(fd int, s *DialSpec) unix.Errno {
	var sa unix.RawSockaddrAny
	size := s.rawAddr(&sa)
	if size == 0 {
		return unix.EINVAL
	}
	_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&sa)), size)
	return errno
}

// rawAddr writes the address of s as the kernel reads it, and returns its size; 0 is a path that is too long.
func (s *DialSpec) rawAddr(sa *unix.RawSockaddrAny) uintptr {
	port := s.Addr.Port()<<8 | s.Addr.Port()>>8
	switch s.family() {
	case unix.AF_UNIX:
		a := (*unix.RawSockaddrUnix)(unsafe.Pointer(sa))
		if n := len(s.Unix); n > len(a.Path) || n == len(a.Path) && s.Unix[0] != '@' {
			return 0
		}
		a.Family = unix.AF_UNIX
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&a.Path)), len(a.Path)), s.Unix)
		size := 2 + uintptr(len(s.Unix))
		if s.Unix[0] == '@' { // an abstract name is as long as it is said to be
			a.Path[0] = 0
			return size
		}
		return size + 1
	case unix.AF_INET:
		a := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		a.Family, a.Port, a.Addr = unix.AF_INET, port, s.Addr.Addr().Unmap().As4()
		return unix.SizeofSockaddrInet4
	default:
		a := (*unix.RawSockaddrInet6)(unsafe.Pointer(sa))
		a.Family, a.Port, a.Addr = unix.AF_INET6, port, s.Addr.Addr().As16()
		return unix.SizeofSockaddrInet6
	}
}

// undelivered returns how many bytes that the kernel has taken are not acknowledged by the other side.
func undelivered(fd int) int {
	n, err := unix.IoctlGetInt(fd, unix.SIOCOUTQ)
	if err != nil {
		return 0
	}
	return n
}

// send writes b; more tells that a file follows at once.
func send(fd int, b []byte, more bool) (int, unix.Errno) {
	flags := uintptr(unix.MSG_NOSIGNAL)
	if more {
		flags |= unix.MSG_MORE
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), flags, 0, 0)
	return int(n), errno
}

// sendmsg writes several buffers in one call.
func sendmsg(fd int, vec []unix.Iovec, more bool) (int, unix.Errno) {
	flags := uintptr(unix.MSG_NOSIGNAL)
	if more {
		flags |= unix.MSG_MORE
	}
	msg := unix.Msghdr{Iov: unsafe.SliceData(vec)}
	msg.SetIovlen(len(vec))
	n, _, errno := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&msg)), flags)
	return int(n), errno
}

// sendfile sends n bytes of file from off; 0 means that the file ends there. It may take some hundred microseconds, long
// enough for the scheduler's monitor to hand the processor to another thread, had it gone through Syscall: measured with
// 1 MiB files, that handing to and fro made it 1.3 times as dear. A file that is not in memory is read ahead by
// whoever opens it, on a worker.
func sendfile(fd, file int, off int64, n int) (int, unix.Errno) {
	sent, _, errno := unix.RawSyscall6(unix.SYS_SENDFILE, uintptr(fd), uintptr(file), uintptr(unsafe.Pointer(&off)), uintptr(n), 0, 0)
	return int(sent), errno
}

// readCached reads from a file what is in memory anyway, without waiting for the disk (RWF_NOWAIT).
func readCached(file int, b []byte, off int64) (int, unix.Errno) {
	vec := unix.Iovec{Base: unsafe.SliceData(b)}
	vec.SetLen(len(b))
	n, _, errno := unix.RawSyscall6(unix.SYS_PREADV2, uintptr(file), uintptr(unsafe.Pointer(&vec)), 1, uintptr(off), 0, unix.RWF_NOWAIT)
	return int(n), errno
}

// accept takes one connection from a listening socket, non-blocking and close-on-exec, without the allocations of
// unix.Accept4.
func accept(fd int) (int, peerAddr, unix.Errno) {
	var sa unix.RawSockaddrAny
	size := uint32(unix.SizeofSockaddrAny)
	nfd, _, errno := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(fd), uintptr(unsafe.Pointer(&sa)), uintptr(unsafe.Pointer(&size)),
		unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
	if errno != 0 {
		return -1, peerAddr{}, errno
	}
	return int(nfd), rawPeer(&sa), 0
}

func closeFd(fd int) { _, _, _ = unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }

// acceptExhausted tells resource exhaustion, after which accepting rests, from errors of one connection.
func acceptExhausted(errno unix.Errno) bool {
	return errno == unix.EMFILE || errno == unix.ENFILE || errno == unix.ENOBUFS || errno == unix.ENOMEM
}

// rawPeer reads the address that the kernel wrote, without the allocation of x/sys's conversion.
func rawPeer(sa *unix.RawSockaddrAny) (p peerAddr) {
	switch sa.Addr.Family {
	case unix.AF_INET:
		a := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		copy(p.ip[:], a.Addr[:])
		p.port, p.fam = a.Port>>8|a.Port<<8, 4
	case unix.AF_INET6:
		a := (*unix.RawSockaddrInet6)(unsafe.Pointer(sa))
		p.ip, p.port, p.fam = a.Addr, a.Port>>8|a.Port<<8, 6
	}
	return p
}
