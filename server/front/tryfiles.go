package front

// Hot: runs for every request to a location with try_files; no allocation, no map, no defer.

import (
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/static"
)

// tryFiles is what the directive says.
type tryFiles struct {
	files  []tryFile
	last   value
	status int // of "=404"; 0 when last is a URI or a named location
}

// tryFile is a file to look for, or a directory.
type tryFile struct {
	name value
	dir  bool
	// bare is a name without variables: an alias stands before all of it, and not for the location's name in it.
	bare bool
}

// tryFiles looks for the first of the files that exists (ngx_http_try_files_handler).
func (r *request) tryFiles() error {
	t := r.loc.try
	if t == nil {
		r.phase = atContent
		return nil
	}
	for ; r.step < len(t.files); r.step++ {
		f := &t.files[r.step]
		r.name = f.name.append(r.c, r.name[:0])
		path := r.tryPath(f.bare)
		kind, err := r.look(path)
		if err != nil {
			return err
		}
		if kind == static.File && !f.dir || kind == static.Directory && f.dir {
			r.found(f.dir)
			r.step, r.phase = 0, atContent
			return nil
		}
	}
	r.step = 0
	if t.status != 0 {
		return r.giveUp(t.status)
	}
	r.name = t.last.append(r.c, r.name[:0])
	return r.redirectTo(r.name, false)
}

// found makes what was found the URI. The alias of a regular expression stands before the name of a file from now on, and is
// itself the directory.
func (r *request) found(dir bool) {
	if r.loc.dir.alias == wholeAlias {
		if dir || len(r.name) == 0 {
			return
		}
		r.behind = true
	}
	r.setURI(r.name)
}

// tryPath returns the path of the file that r.name means. With an alias the name of the location may stand before it, and
// stands before it afterwards.
func (r *request) tryPath(bare bool) string {
	d := &r.loc.dir
	switch d.alias {
	case wholeAlias:
		r.buf = append(d.inner.append(r.c, r.buf[:0]), r.name...)
		return view(r.buf)
	case prefixAlias:
		uri := r.c.PathView()
		prefix := uri[:min(d.strip, len(uri))]
		if bare || !strings.HasPrefix(view(r.name), prefix) {
			r.buf = append(append(r.buf[:0], prefix...), r.name...)
			r.name = append(r.name[:0], r.buf...)
		}
	}
	if len(r.name) == 0 || r.name[0] != '/' {
		r.buf = append(append(r.buf[:0], '/'), r.name...)
		r.name = append(r.name[:0], r.buf...)
	}
	r.buf = d.within(r.c, r.buf[:0], view(r.name))
	return view(r.buf)
}

// giveUp ends try_files with a status.
func (r *request) giveUp(status int) error {
	if status == 404 {
		return pipeline.ErrNotFound
	}
	return &pipeline.Error{Status: status}
}
