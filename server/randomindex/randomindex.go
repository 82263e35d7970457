// Package randomindex picks a file of a directory by chance: NGINX's random_index.
package randomindex

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Config is what a location with random_index needs.
type Config struct {
	// Dir is the directory that the path of the request stands for (root or alias).
	Dir pipeline.Value
	// Log is told of directories that cannot be read, with slog.LevelError, or 12 (NGINX's crit) for odd reasons. It may be
	// nil, and must not block.
	Log func(c *pipeline.Ctx, level slog.Level, message string)
}

// Index is a pipeline.RequestHook that directs requests for a directory to one of its files.
type Index struct {
	dir pipeline.Value
	log func(c *pipeline.Ctx, level slog.Level, message string)
}

// New compiles c.
func New(c Config) (*Index, error) {
	if c.Dir == nil {
		return nil, errors.New("randomindex: no directory")
	}
	return &Index{c.Dir, c.Log}, nil
}

// NeedsWorker is true: directories are read.
func (x *Index) NeedsWorker() bool { return true }

// ProcessRequest directs the request elsewhere before its URL is resolved.
func (x *Index) ProcessRequest(c *pipeline.Ctx) error {
	path, err := x.Choose(c)
	if err != nil {
		return c.Refuse(err)
	}
	if path != "" {
		c.SetPath(path)
	}
	return nil
}

// Choose returns the path of a file to direct the request to, or "" when it is none for a directory, not GET, HEAD or POST,
// or when the directory has no regular file but such as begin with a dot. The error of a directory that cannot be read has
// the status to answer: 404, 403 or 500.
func (x *Index) Choose(c *pipeline.Ctx) (string, error) {
	path := c.Path()
	if !strings.HasSuffix(path, "/") {
		return "", nil
	}
	if m := c.Head.Method; m != http1.MethodGet && m != http1.MethodHead && m != http1.MethodPost {
		return "", nil
	}
	dir := strings.TrimSuffix(string(x.dir(c, nil)), "/")
	name, err := pick(dir)
	if err != nil {
		return "", x.failed(c, dir, err)
	}
	if name == "" {
		return "", nil
	}
	return path + name, nil
}

// pick returns the name of a file of dir, each with the same chance: the n-th takes the place of the one before with a
// chance of 1 in n, so that no list is kept.
func pick(dir string) (chosen string, err error) {
	d, err := os.Open(dir + "/")
	if err != nil {
		return "", err
	}
	defer func() { _ = d.Close() }()
	for n := 0; ; {
		entries, err := d.ReadDir(256)
		for _, e := range entries {
			if e.Name()[0] == '.' || !isFile(dir, e) {
				continue
			}
			if n++; rand.IntN(n) == 0 {
				chosen = e.Name()
			}
		}
		if errors.Is(err, io.EOF) {
			return chosen, nil
		}
		if err != nil {
			return "", err
		}
	}
}

// isFile tells whether an entry is a regular file, or a link to one.
func isFile(dir string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Type().IsRegular()
	}
	info, err := os.Stat(filepath.Join(dir, e.Name()))
	return err == nil && info.Mode().IsRegular()
}

// failed logs why a directory cannot be read, in NGINX's words, and returns the refusal.
func (x *Index) failed(c *pipeline.Ctx, dir string, err error) error {
	level, status := slog.LevelError, 404
	errno, _ := errors.AsType[syscall.Errno](err)
	switch errno {
	case syscall.ENOENT, syscall.ENOTDIR, syscall.ENAMETOOLONG:
	case syscall.EACCES:
		status = 403
	default:
		level, status = slog.LevelError+4, 500
	}
	if x.log != nil {
		text := errno.Error()
		x.log(c, level, `opendir() "`+dir+`" failed (`+strconv.Itoa(int(errno))+": "+strings.ToUpper(text[:1])+text[1:]+")")
	}
	return &pipeline.Error{Status: status, Err: err}
}
