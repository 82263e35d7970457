//go:build !linux

package static

func openDir(dir string) (dirHandle, error) { return openDirPortable(dir) }

func (r *root) openat(rel string) (int, error) { return r.openPortable(rel) }

func readAhead(int, int64) {}
