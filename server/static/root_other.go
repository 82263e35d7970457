//go:build !linux

package static

import "os"

func (r *root) openDir() (err error) {
	r.os, err = os.OpenRoot(r.dir)
	return err
}

func (r *root) open(rel string) (int, fileInfo, error) {
	if rel == "" {
		rel = "."
	}
	return r.openPortable(rel)
}

func readAhead(int, int64) {}
