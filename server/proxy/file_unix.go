package proxy

import "syscall"

// pwrite writes p at an offset of a descriptor.
func pwrite(fd int, p []byte, at int64) (int, error) { return syscall.Pwrite(fd, p, at) }
