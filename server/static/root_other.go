//go:build !linux

package static

import "golang.org/x/sys/unix"

// searchFlags open a directory on the way to a file.
const searchFlags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC

func openDir(dir string) (dirHandle, error) { return openDirPortable(dir) }

func (r *root) openat(rel string) (int, error) { return r.openPortable(rel) }

func readAhead(int, int64) {}
