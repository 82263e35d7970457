package proxy

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// TempLevels are the lengths of the names of the directories within each other that temporary files are spread over, at most three
// (the levels of client_body_temp_path and its like). None is one directory.
type TempLevels []int

// place returns the directory and the name of a file by its number, of whose last digits the directories are named as in NGINX: 1 2
// makes 7/45/0000123457 of 123457.
func (l TempLevels) place(number uint64) (dir, name string) {
	name = fmt.Sprintf("%010d", number%1e10)
	end := len(name)
	for _, n := range l {
		start := max(end-n, 0)
		dir = filepath.Join(dir, name[start:end])
		end = start
	}
	return dir, name
}

// createTemp makes a file with a name of its own. The directory is made when it is not there: a server without a master process has
// nobody else who would, and those of levels are made when they are needed.
func createTemp(dir string, levels TempLevels, pattern string) (*os.File, error) {
	create := func() (*os.File, error) { return os.CreateTemp(dir, pattern) }
	if len(levels) > 0 {
		sub, name := levels.place(rand.Uint64())
		dir = filepath.Join(dir, sub)
		create = func() (*os.File, error) { return os.CreateTemp(dir, name+"*") }
	}
	f, err := create()
	if errors.Is(err, fs.ErrNotExist) && os.MkdirAll(dir, 0o700) == nil {
		f, err = create()
	}
	return f, err
}
