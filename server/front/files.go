package front

// Hot: runs for every request to a file; no allocation, no map, no defer.

import (
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/randomindex"
	"github.com/wheelpit/wheelpit/server/static"
)

// directory is what a location says of URIs that end with "/".
type directory struct {
	index     []value
	random    *randomindex.Index // nil when it is off
	autoindex bool
	listing   static.Listing
}

// errNotAllowed has the field that RFC 9110 section 15.5.6 asks for, and NGINX leaves out.
var errNotAllowed = &pipeline.Error{Status: 405, Allow: "GET, HEAD"}

// files answers with a file: NGINX's content phase of a location without a handler.
func (r *request) files() error {
	c := r.c
	switch c.Head.Method {
	case http1.MethodGet, http1.MethodHead, http1.MethodPost:
	default:
		return errNotAllowed
	}
	uri := c.PathView()
	if uri[len(uri)-1] == '/' {
		return r.directory(uri)
	}
	if c.Head.Method == http1.MethodPost {
		return r.post()
	}
	d := &r.loc.dir
	path := r.path()
	if len(path) == 0 || path[len(path)-1] == '/' || path[0] != '/' {
		return pipeline.ErrNotFound
	}
	if r.contentType != "" {
		c.Unready()
	}
	if r.status != 0 && r.status != 200 {
		if err := d.files.ServeAs(c, path, r.status); err != nil {
			return err
		}
	} else if err := r.serve(uri, path); err != nil {
		return err
	} else {
		r.ranged = true
	}
	if c.Res().Status == 301 && r.status != 301 { // a directory; the page is NGINX's
		return &statusErrors[301]
	}
	return nil
}

// serve answers with a file. Its type is that of the URI, as in NGINX.
func (r *request) serve(uri, path string) error {
	d := &r.loc.dir
	if d.renames(uri) {
		if ctype := r.loc.types.Lookup(uri); ctype != r.loc.types.Lookup(path) {
			return d.files.ServeTyped(r.c, path, ctype)
		}
	}
	return d.files.ServePath(r.c, path)
}

// post answers a POST to a file, 405 if there is one, or to a directory without its slash.
func (r *request) post() error {
	kind, err := r.look(r.path())
	switch {
	case err != nil:
		return err
	case kind == static.Absent:
		return pipeline.ErrNotFound
	case kind == static.Forbidden:
		return pipeline.ErrPermissionDenied
	case kind == static.Directory:
		return r.addSlash()
	}
	return errNotAllowed
}

// directory answers a URI that ends with "/": random_index, index, autoindex.
func (r *request) directory(uri string) error {
	d := &r.loc.directory
	if d.random != nil {
		if done, err := r.randomIndex(); done || err != nil {
			return err
		}
	}
	if done, err := r.index(uri); done || err != nil {
		return err
	}
	if d.autoindex && getOrHead(r.c) {
		return r.autoindex(uri)
	}
	kind, err := r.look(r.path())
	switch {
	case err != nil:
		return err
	case kind == static.Absent, kind == static.File:
		return pipeline.ErrNotFound
	}
	return errForbiddenIndex
}

var errForbiddenIndex = &pipeline.Error{Status: 403, Message: "directory index is forbidden"}

// index redirects to the first index file that exists.
func (r *request) index(uri string) (done bool, err error) {
	tested := false
	for i := range r.loc.directory.index {
		v := &r.loc.directory.index[i]
		r.buf = r.loc.dir.within(r.c, r.buf[:0], uri)
		at := len(r.buf)
		r.buf = v.append(r.c, r.buf)
		name := r.buf[at:]
		if len(name) == 0 {
			return false, nil
		}
		if name[0] == '/' { // the last one may be a URI
			return true, r.redirectTo(name, true)
		}
		kind, err := r.look(view(r.buf))
		switch {
		case err != nil:
			return false, err
		case kind == static.Forbidden:
			return false, pipeline.ErrPermissionDenied
		case kind == static.File:
			r.name = append(append(r.name[:0], uri...), name...)
			return true, r.redirect(r.name, r.args())
		case kind == static.Absent && !tested: // where there is no directory, further names are not tried
			tested = true
			if kind, err := r.look(view(r.buf[:at])); err != nil || kind != static.Directory {
				return err == nil, notFoundUnless(err)
			}
		}
	}
	return false, nil
}

func notFoundUnless(err error) error {
	if err == nil {
		return pipeline.ErrNotFound
	}
	return err
}

// autoindex lists a directory.
func (r *request) autoindex(uri string) error {
	how := r.loc.directory.listing
	if how.Format == static.FormatJSONP {
		how.Callback = r.c.Query("callback")
		if !callbackName(how.Callback) {
			return pipeline.ErrBadRequest
		}
	}
	return r.loc.dir.files.List(r.c, r.path(), uri, how)
}

// callbackName tells whether a name may be the function of JSONP, as NGINX allows it.
func callbackName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c|0x20 < 'a' || c|0x20 > 'z' {
			if (c < '0' || c > '9') && c != '_' && c != '.' {
				return false
			}
		}
	}
	return len(s) <= 128
}

// randomIndex redirects to a random file of the directory.
func (r *request) randomIndex() (done bool, err error) {
	if !r.c.OnWorker() {
		return false, pipeline.ErrOffload
	}
	name, err := r.loc.directory.random.Choose(r.c)
	if err != nil || name == "" {
		return false, err
	}
	r.name = append(r.name[:0], name...)
	return true, r.redirect(r.name, r.args())
}
