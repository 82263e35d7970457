package static

import (
	"os"
	"strings"
)

// Open opens a file or directory of the tree, as Serve would, with Options.Symlinks. path begins with "/". It waits for the
// disk.
func (f *Files) Open(path string) (*os.File, error) {
	fd, _, err := f.root.open(strings.Trim(path, "/"))
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}
