package front

// Hot: names files for every request; no allocation, no map, no defer.

import (
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/static"
)

// dir is where the files of a location lie: root or alias.
type dir struct {
	root  value // absolute
	alias aliasKind
	strip int           // bytes of the URI that alias stands for
	files *static.Files // of root, or of "/" when root varies or is an alias
	whole bool          // files are those of "/", or of a directory that root lies in
	inner value         // with whole: root within files
	base  string        // what files are opened beneath
	links static.Symlinks
}

type aliasKind uint8

const (
	noAlias aliasKind = iota
	prefixAlias
	wholeAlias // of a regular expression: alias is the file
)

// appendRoot appends root or alias.
func (d *dir) appendRoot(c *pipeline.Ctx, dst []byte) []byte { return d.root.append(c, dst) }

// appendFile appends the path of the file that uri means.
func (d *dir) appendFile(c *pipeline.Ctx, dst []byte, uri string) []byte {
	return d.appendBehind(c, d.root.append(c, dst), uri)
}

// appendBehind appends what stands behind root or alias for a URI.
func (d *dir) appendBehind(c *pipeline.Ctx, dst []byte, uri string) []byte {
	switch d.alias {
	case prefixAlias:
		return append(dst, uri[min(d.strip, len(uri)):]...)
	case wholeAlias:
		if !requestOf(c).behind {
			return dst
		}
	}
	return append(dst, uri...)
}

// renames tells whether the file that uri means may have another name at its end.
func (d *dir) renames(uri string) bool {
	return d.alias == wholeAlias || d.alias == prefixAlias && len(uri) <= d.strip
}

// within appends the path of a file within files.
func (d *dir) within(c *pipeline.Ctx, dst []byte, uri string) []byte {
	if !d.whole {
		return append(dst, uri...)
	}
	return d.appendBehind(c, d.inner.append(c, dst), uri)
}

// path returns the path of the current URI within files. It may be made in r.buf.
func (r *request) path() string {
	d := &r.loc.dir
	if !d.whole {
		return r.c.PathView()
	}
	r.buf = d.within(r.c, r.buf[:0], r.c.PathView())
	return view(r.buf)
}

// look tells what a path within files is. The slash at its end is left out.
func (r *request) look(path string) (static.Kind, error) {
	return r.loc.dir.files.Look(r.c, strings.TrimRight(path, "/"))
}
