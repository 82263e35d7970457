package static

import (
	"strings"
	"syscall"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pool"
)

// load finds out what a path comes to. It may wait for the disk: workers only. path begins with "/".
func (f *Files) load(path string) *entry {
	e := &entry{key: strings.Clone(path)}
	if f.opt.HideDotfiles && strings.Contains(path, "/.") {
		e.status = 404
		return e
	}
	rel := strings.Trim(path, "/")
	fd, info, err := f.open(e, rel)
	if err != nil {
		if e.status = statusOf(err); e.status == 404 && rel != "" && !strings.HasSuffix(path, "/") {
			f.siblings(e, rel)
		}
		return e
	}
	slash := strings.HasSuffix(path, "/")
	switch {
	case info.dir && !slash:
		_ = syscall.Close(fd)
		e.status = 301
	case info.dir:
		_ = syscall.Close(fd)
		f.loadIndex(e, rel)
	case slash: // a file is no directory
		_ = syscall.Close(fd)
		e.status = 404
	default:
		f.fill(e, fd, info, rel)
	}
	return e
}

// open opens a path for an entry, which is made anew when something changes about the path from now on.
func (f *Files) open(e *entry, rel string) (fd int, info fileInfo, err error) {
	if f.watch != nil && !(rel != "" && climbs(rel)) {
		e.seen = f.watch.observe(f.dir+"/"+rel, e.seen)
	}
	return f.root.open(rel)
}

// loadIndex makes e the directory's index file, its listing, or 403.
func (f *Files) loadIndex(e *entry, dir string) {
	for _, name := range f.opt.Index {
		rel := name
		if dir != "" {
			rel = dir + "/" + name
		}
		fd, info, err := f.open(e, rel)
		if err != nil {
			continue
		}
		if info.dir {
			_ = syscall.Close(fd)
			continue
		}
		f.fill(e, fd, info, rel)
		return
	}
	e.status = 403
	if f.opt.Autoindex {
		e.status = listing
	}
}

// listing is the status of an entry that stands for a directory to be listed each time.
const listing = -1

// fill makes e the file fd, with its precompressed siblings.
func (f *Files) fill(e *entry, fd int, info fileInfo, rel string) {
	f.fillOne(e, fd, info, rel)
	f.siblings(e, rel)
}

// siblings gives e the precompressed siblings of the file, which need not exist itself (NGINX gzip_static always with
// gunzip).
func (f *Files) siblings(e *entry, rel string) {
	if !f.opt.Precompressed {
		return
	}
	e.noVary = f.opt.NoVary
	for i, c := range codingTable {
		if !f.wanted(&c) {
			continue
		}
		fd, sibling, err := f.open(e, rel+c.suffix)
		if err != nil {
			continue
		}
		if sibling.dir {
			_ = syscall.Close(fd)
			continue
		}
		v := &entry{}
		f.fillOne(v, fd, sibling, rel)
		e.coding[i], e.coded = v, true
	}
}

func (f *Files) fillOne(e *entry, fd int, info fileInfo, rel string) {
	e.status, e.info = 200, info
	e.file = pool.NewFile(fd)
	if e.noRanges = f.opt.MaxRanges < 0; !f.opt.NoETag {
		e.etag = string(appendETag(nil, info.mtime, info.size))
	}
	e.mtime = string(http1.AppendDate(nil, info.mtime))
	e.ctype = f.types.Lookup(rel)
	if info.size > keptFile {
		readAhead(fd, info.size)
		return
	}
	// A file that changes while it is read is sent from its descriptor: what is kept must be one state of it.
	body, err := readWhole(fd, info.size)
	if err != nil {
		return
	}
	if after, err := stat(fd); err == nil && after == info {
		e.body = body
	}
}
