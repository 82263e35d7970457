//go:build linux || darwin || freebsd

package cache

import "golang.org/x/sys/unix"

// blockSize returns in what units the file system of dir gives space, in bytes.
func blockSize(dir string) int64 {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil || st.Bsize <= 0 {
		return 512
	}
	return int64(st.Bsize)
}

// freeBytes returns what others than root may still write on the file system of dir.
func freeBytes(dir string) (int64, bool) {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return 0, false
	}
	return int64(st.Bavail) * int64(st.Bsize), true
}
