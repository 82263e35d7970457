package dav

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Config is what the directives say in one location.
type Config struct {
	// Methods are the ones that are allowed (dav_methods), in upper case; at least one.
	Methods []string
	// FullPath makes the directories that a PUT lacks (create_full_put_path).
	FullPath bool
	// Access are the permissions of what is made (dav_access); 0 means 0600.
	Access fs.FileMode
	// MinDepth is how many elements the URI of a DELETE has at least (min_delete_depth).
	MinDepth int
	// Path appends the path of the file that a decoded URI means; false when it means none. It is required.
	Path func(c *pipeline.Ctx, dst []byte, uri string) ([]byte, bool)
	// Log is told why a request was refused, with slog.LevelError. It may be nil, and must not block.
	Log func(c *pipeline.Ctx, level slog.Level, message string)
}

// Dav is the handler of a location. Any goroutine may use it.
type Dav struct{ cfg Config }

// New checks c.
func New(c Config) (*Dav, error) {
	if len(c.Methods) == 0 || c.Path == nil {
		return nil, errors.New("dav: neither methods nor paths")
	}
	for _, m := range c.Methods {
		switch m {
		case "PUT", "DELETE", "MKCOL", "COPY", "MOVE":
		default:
			return nil, errors.New("dav: no method " + m)
		}
	}
	if c.Access == 0 {
		c.Access = 0o600
	}
	return &Dav{c}, nil
}

// Handle answers a request with one of the methods; false tells that it has another. It waits for the disk: on a reactor it
// returns pipeline.ErrOffload.
func (d *Dav) Handle(c *pipeline.Ctx) (bool, error) {
	method := c.Method()
	if !d.allows(method) {
		return false, nil
	}
	if !c.OnWorker() {
		return true, pipeline.ErrOffload
	}
	if method != "PUT" && c.ContentLength() != 0 {
		return true, d.refuse(c, 415, method+" with body is unsupported")
	}
	switch method {
	case "PUT":
		return true, d.put(c)
	case "DELETE":
		return true, d.delete(c)
	case "MKCOL":
		return true, d.mkcol(c)
	}
	return true, d.transfer(c, method == "MOVE")
}

func (d *Dav) allows(method string) bool {
	for _, m := range d.cfg.Methods {
		if m == method {
			return true
		}
	}
	return false
}

// refuse logs why and returns the error of a status.
func (d *Dav) refuse(c *pipeline.Ctx, status int, why string) error {
	if d.cfg.Log != nil {
		d.cfg.Log(c, slog.LevelError, why)
	}
	return &pipeline.Error{Status: status}
}

// failed returns the error of a system call; what is not there becomes notFound.
func (d *Dav) failed(c *pipeline.Ctx, notFound int, err error) error {
	status := 500
	switch {
	case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ENAMETOOLONG):
		status = notFound
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		status = 403
	case errors.Is(err, syscall.EEXIST):
		status = 405
	case errors.Is(err, syscall.ENOSPC):
		status = 507
	}
	return d.refuse(c, status, faultOf(err))
}

// faultOf writes an error of the file system as NGINX does: `rename() "A" to "B" failed (2: No such file or directory)`.
func faultOf(err error) string {
	why := err.Error()
	var errno syscall.Errno
	if errors.As(err, &errno) {
		text := errno.Error()
		why = strconv.Itoa(int(errno)) + ": " + strings.ToUpper(text[:1]) + text[1:]
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Op + `() "` + e.Path + `" failed (` + why + ")"
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Op + `() "` + e.Old + `" to "` + e.New + `" failed (` + why + ")"
	}
	return err.Error()
}

// path returns the path that the URI of the request means, without a slash at its end.
func (d *Dav) path(c *pipeline.Ctx, uri string) (string, error) {
	b, ok := d.cfg.Path(c, nil, uri)
	if !ok || len(b) == 0 {
		return "", d.refuse(c, 400, `no file is meant by "`+uri+`"`)
	}
	return trimSlash(mergeSlashes(string(b))), nil
}

func trimSlash(path string) string {
	if len(path) > 1 {
		return strings.TrimSuffix(path, "/")
	}
	return path
}

func mergeSlashes(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// directories are the permissions of directories: whoever may read may enter.
func (d *Dav) directories() fs.FileMode { return d.cfg.Access | d.cfg.Access&0o444>>2 }

// mkcol makes a collection.
func (d *Dav) mkcol(c *pipeline.Ctx) error {
	if !collection(c.PathView()) {
		return d.refuse(c, 409, "MKCOL can create a collection only")
	}
	path, err := d.path(c, c.PathView())
	if err != nil {
		return err
	}
	if err := os.Mkdir(path, d.directories()); err != nil {
		return d.failed(c, 409, err)
	}
	return d.created(c)
}

// created answers that the URI names something new.
func (d *Dav) created(c *pipeline.Ctx) error {
	if err := c.SetHeaderBytes("Location", escaped(c.PathView())); err != nil {
		return err
	}
	return empty(c, 201)
}

// empty answers with a status alone.
func empty(c *pipeline.Ctx, status int) error {
	err := c.NoContent(status)
	c.Res().ContentType = ""
	return err
}

// collection tells whether a URI means a directory.
func collection(uri string) bool { return strings.HasSuffix(uri, "/") }

// escaped is a decoded path as a URL has it.
func escaped(path string) []byte {
	const hex = "0123456789ABCDEF"
	var b []byte
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("%?#\"<>\\^`{|}", c) >= 0 {
			b = append(b, '%', hex[c>>4], hex[c&15])
		} else {
			b = append(b, c)
		}
	}
	return b
}

// depth reads Depth: "0", "1" or "infinity", which is the default.
func (d *Dav) depth(c *pipeline.Ctx, def string) (string, error) {
	v := c.Header("Depth")
	switch v {
	case "":
		return def, nil
	case "0", "1", "infinity":
		return v, nil
	}
	return "", d.refuse(c, 400, `client sent invalid "Depth" header: "`+v+`"`)
}
