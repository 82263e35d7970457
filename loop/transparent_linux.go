package loop

import (
	"os"

	"golang.org/x/sys/unix"
)

// setTransparent lets a socket be bound to an address of another machine (ip(7)).
func setTransparent(fd, family int) error {
	if family == unix.AF_INET6 {
		return os.NewSyscallError("setsockopt(IPV6_TRANSPARENT)", unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_TRANSPARENT, 1))
	}
	return os.NewSyscallError("setsockopt(IP_TRANSPARENT)", unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_TRANSPARENT, 1))
}
