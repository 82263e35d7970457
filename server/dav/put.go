package dav

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// put writes the body to a file.
func (d *Dav) put(c *pipeline.Ctx) error {
	switch {
	case collection(c.PathView()):
		return d.refuse(c, 409, "cannot PUT to a collection")
	case c.Header("Content-Range") != "":
		return d.refuse(c, 501, "PUT with range is unsupported")
	}
	path, err := d.path(c, c.PathView())
	if err != nil {
		return err
	}
	st, err := os.Stat(path)
	isNew := err != nil
	if !isNew && st.IsDir() {
		return d.refuse(c, 409, `"`+path+`" could not be created: `+syscall.EISDIR.Error())
	}
	if d.cfg.FullPath {
		if err := os.MkdirAll(filepath.Dir(path), d.directories()); err != nil {
			return d.failed(c, 409, err)
		}
	}
	if err := d.store(c, path); err != nil {
		return err
	}
	if isNew {
		return d.created(c)
	}
	return empty(c, 204)
}

// store writes the body to a temporary file, which then takes the place of path.
func (d *Dav) store(c *pipeline.Ctx, path string) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".put-*")
	if err != nil {
		return d.failed(c, 409, err)
	}
	name := temp.Name()
	read := &faulty{r: c.BodyReader()}
	_, err = io.Copy(temp, read)
	if err == nil {
		err = temp.Chmod(d.cfg.Access)
	}
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		d.date(c, name)
		err = os.Rename(name, path)
	}
	switch {
	case err == nil:
		return nil
	case read.err != nil: // the client's fault, or that of its size
		_ = os.Remove(name)
		return read.err
	}
	_ = os.Remove(name)
	return d.failed(c, 409, err)
}

// date gives a file the time of the Date field, if there is a sound one.
func (d *Dav) date(c *pipeline.Ctx, name string) {
	if unix, ok := http1.ParseDate([]byte(c.Header("Date"))); ok {
		at := time.Unix(unix, 0)
		_ = os.Chtimes(name, at, at) // the file is whole without
	}
}

// faulty keeps the error of a reader apart from those of who writes.
type faulty struct {
	r   io.Reader
	err error
}

// Read reads on.
func (f *faulty) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// delete removes a file, or a collection with all that is in it.
func (d *Dav) delete(c *pipeline.Ctx) error {
	uri := c.PathView()
	if d.cfg.MinDepth > 0 && !deep(uri, d.cfg.MinDepth) {
		return d.refuse(c, 409, "insufficient URI depth to DELETE")
	}
	path, err := d.path(c, uri)
	if err != nil {
		return err
	}
	st, err := lstat(path, collection(uri))
	if err != nil {
		return d.failed(c, 404, err)
	}
	depth, err := d.depth(c, "")
	switch {
	case err != nil:
		return err
	case st.IsDir() && !collection(uri):
		return d.refuse(c, 409, `DELETE "`+path+`" failed: `+syscall.EISDIR.Error())
	case st.IsDir() && depth != "" && depth != "infinity":
		return d.refuse(c, 400, `"Depth" header must be infinity`)
	case !st.IsDir() && depth == "1":
		return d.refuse(c, 400, `"Depth" header must be 0 or infinity`)
	}
	if err := remove(path, st); err != nil {
		return d.failed(c, 404, err)
	}
	return empty(c, 204)
}

// lstat describes a path, which has to be a directory for a collection.
func lstat(path string, collection bool) (fs.FileInfo, error) {
	st, err := os.Lstat(path)
	if err == nil && collection && !st.IsDir() {
		return nil, syscall.ENOTDIR
	}
	return st, err
}

// remove removes what st describes.
func remove(path string, st fs.FileInfo) error {
	if st.IsDir() {
		return os.RemoveAll(path)
	}
	return os.Remove(path)
}

// deep tells whether a URI has least elements.
func deep(uri string, least int) bool {
	n := 0
	for i := range len(uri) {
		if uri[i] != '/' {
			continue
		}
		if n++; n >= least && i+1 < len(uri) {
			return true
		}
	}
	return false
}
