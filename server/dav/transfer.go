package dav

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// transfer is COPY, and MOVE with move.
func (d *Dav) transfer(c *pipeline.Ctx, move bool) error {
	uri := c.PathView()
	to, err := d.destination(c)
	if err != nil {
		return err
	}
	if collection(uri) != collection(to) {
		return d.refuse(c, 409, `both URI "`+uri+`" and "Destination" URI "`+to+`" should be either collections or non-collections`)
	}
	depth, err := d.depth(c, "infinity")
	switch {
	case err != nil:
		return err
	case depth == "1", move && depth == "0":
		return d.refuse(c, 400, `invalid "Depth" header for this method`)
	}
	overwrite, err := d.overwrite(c)
	if err != nil {
		return err
	}
	from, err := d.path(c, uri)
	if err != nil {
		return err
	}
	target, err := d.path(c, to)
	if err != nil {
		return err
	}
	if inside(from, target) || inside(target, from) && collection(to) {
		return d.refuse(c, 403, `"`+uri+`" could not be copied or moved to "`+to+`"`)
	}
	return d.exchange(c, transferral{from, target, collection(to), overwrite, move})
}

// transferral is a COPY or MOVE whose fields are sound.
type transferral struct {
	from, to        string
	collection      bool
	overwrite, move bool
}

// exchange looks at both ends, makes room at the target, and does it.
func (d *Dav) exchange(c *pipeline.Ctx, t transferral) error {
	old, err := os.Lstat(t.to)
	exists := err == nil
	switch {
	case !exists && !errors.Is(err, fs.ErrNotExist):
		return d.failed(c, 404, err)
	case exists && old.IsDir() && !t.collection:
		return d.refuse(c, 409, `"`+t.to+`" is a collection`)
	case exists && !t.overwrite:
		return d.refuse(c, 412, `"`+t.to+`" could not be created: `+syscall.EEXIST.Error())
	}
	st, err := lstat(t.from, t.collection)
	switch {
	case err != nil:
		return d.failed(c, 404, err)
	case st.IsDir() && !t.collection:
		return d.refuse(c, 400, `"`+t.from+`" is collection`)
	}
	if exists && st.IsDir() {
		if err := remove(t.to, old); err != nil {
			return d.failed(c, 404, err)
		}
	}
	if err := t.run(d.directories()); err != nil {
		return d.failed(c, 404, err)
	}
	if st.IsDir() {
		return empty(c, 201)
	}
	return empty(c, 204)
}

// run moves or copies. Between file systems a move is a copy and a removal. The directories that a moved file lacks are made.
func (t *transferral) run(dirs fs.FileMode) error {
	if !t.move {
		return copyTree(t.from, t.to)
	}
	if !t.collection {
		if err := os.MkdirAll(filepath.Dir(t.to), dirs); err != nil {
			return err
		}
	}
	err := os.Rename(t.from, t.to)
	if !errors.Is(err, syscall.EXDEV) {
		return err
	}
	if err := copyTree(t.from, t.to); err != nil {
		return err
	}
	return os.RemoveAll(t.from)
}

// copyTree copies a file, or a directory with the files and directories in it, with permissions and times.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := e.Info()
		if err != nil {
			return err
		}
		target := to + strings.TrimPrefix(path, from)
		switch {
		case st.IsDir():
			return os.Mkdir(target, st.Mode().Perm()|0o300) // or nothing could be copied into it
		case st.Mode().IsRegular():
			return copyFile(path, target, st)
		}
		return nil
	})
}

// copyFile copies one file by way of a temporary one.
func copyFile(from, to string, st fs.FileInfo) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.CreateTemp(filepath.Dir(to), ".copy-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Chmod(st.Mode().Perm())
	}
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err == nil {
		_ = os.Chtimes(out.Name(), st.ModTime(), st.ModTime()) // the copy is whole without
		err = os.Rename(out.Name(), to)
	}
	if err != nil {
		_ = os.Remove(out.Name())
	}
	return err
}

// inside tells whether path is dir, or in it.
func inside(path, dir string) bool {
	rest, ok := strings.CutPrefix(path, dir)
	return ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(dir, "/"))
}

// overwrite reads Overwrite: "T", the default, or "F".
func (d *Dav) overwrite(c *pipeline.Ctx) (bool, error) {
	switch v := c.Header("Overwrite"); v {
	case "", "T", "t":
		return true, nil
	case "F", "f":
		return false, nil
	default:
		return false, d.refuse(c, 400, `client sent invalid "Overwrite" header: "`+v+`"`)
	}
}

// destination returns the decoded path of Destination, which is a path, or a URL of this scheme and host.
func (d *Dav) destination(c *pipeline.Ctx) (string, error) {
	field := c.Header("Destination")
	if field == "" {
		return "", d.refuse(c, 400, `client sent no "Destination" header`)
	}
	raw, ok := field, true
	if raw[0] != '/' {
		raw, ok = d.ownPath(c, field)
	}
	raw, _, _ = strings.Cut(raw, "?")
	if ok {
		path, v := http1.AppendPath(nil, []byte(raw), true)
		if ok = !v.Failed() && len(path) > 0; ok {
			return string(path), nil
		}
	}
	return "", d.refuse(c, 400, `client sent invalid "Destination" header: "`+field+`"`)
}

// ownPath returns the path of a URL, if it is one of the host that the request names.
func (d *Dav) ownPath(c *pipeline.Ctx, url string) (string, bool) {
	scheme := "http://"
	if c.Secure() {
		scheme = "https://"
	}
	rest, ok := strings.CutPrefix(url, scheme)
	at := strings.IndexByte(rest, '/')
	if !ok || at < 0 {
		return "", false
	}
	return rest[at:], strings.EqualFold(hostOf(rest[:at]), hostOf(string(c.HostBytes()))) && at > 0
}

// hostOf is an authority without its port.
func hostOf(authority string) string {
	if i := strings.LastIndexByte(authority, ':'); i > strings.LastIndexByte(authority, ']') {
		return authority[:i]
	}
	return authority
}
