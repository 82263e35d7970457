package static

// Hot: Look runs for every request to a directory and for each file that try_files names.

import (
	"github.com/wheelpit/wheelpit/pipeline"
)

// Kind is what a path of the tree is.
type Kind uint8

const (
	// Absent is a path that names nothing; Forbidden one that cannot be opened.
	Absent Kind = iota
	Forbidden
	File
	Directory
)

// Look tells what a path is, which begins with "/" and does not end with one; empty is the root itself. What is not known is found out on a worker: on
// a reactor the error is then pipeline.ErrOffload.
func (f *Files) Look(c *pipeline.Ctx, path string) (Kind, error) {
	if path == "" {
		path = "/"
	}
	t := c.Transport()
	cache := f.cache(t.Shard())
	if c.OnWorker() {
		e := f.load(path)
		e.checked = t.Ticks()
		kind := e.kind()
		if len(e.key) > keyMax {
			e.release()
		} else {
			cache.hand(e)
		}
		return kind, nil
	}
	e := cache.lookup(path)
	if e == nil || !f.trusted(cache, t, e) {
		return Absent, pipeline.ErrOffload
	}
	return e.kind(), nil
}

func (e *entry) kind() Kind {
	switch {
	case e.status == 301 || e.key == "/" && e.status != 404:
		return Directory
	case e.status == 200:
		return File
	case e.status == 403:
		return Forbidden
	}
	return Absent
}

// ServeAs answers with the whole file that a path names, under another status than 200: no conditions and no ranges. A
// status of 0 is 200.
func (f *Files) ServeAs(c *pipeline.Ctx, path string, status int) error {
	if !c.OnWorker() {
		t := c.Transport()
		cache := f.cache(t.Shard())
		e := cache.lookup(path)
		if e == nil || !f.trusted(cache, t, e) {
			return pipeline.ErrOffload
		}
		return f.serveAs(c, e, status)
	}
	e := f.load(path)
	e.checked = c.Transport().Ticks()
	err := f.serveAs(c, e, status)
	f.cache(c.Transport().Shard()).hand(e)
	return err
}

// ServeTyped is ServePath for a file that is to have another content type than its name says: NGINX goes by the URI, and an
// alias may lead from there to a file of another kind.
func (f *Files) ServeTyped(c *pipeline.Ctx, path, contentType string) error {
	if !c.OnWorker() {
		return pipeline.ErrOffload
	}
	e := f.load(path)
	e.ctype = contentType
	err := f.answer(c, e, false)
	e.release()
	return err
}

func (f *Files) serveAs(c *pipeline.Ctx, e *entry, status int) error {
	if e.status != 200 && (!e.coded || f.negotiate(c, e) < 0) {
		return f.answer(c, e, false)
	}
	v, coding := e, -1
	if e.coded {
		if coding = f.negotiate(c, e); coding >= 0 {
			v = e.coding[coding]
		}
	}
	v.fields(c, e, coding)
	c.DelHeader("Accept-Ranges")
	v.whole(c)
	if status != 0 {
		c.SetStatus(status)
		c.DelHeader("Last-Modified") // as NGINX does for what is not 200, 204, 206 or 304
	}
	return nil
}

// Format is how a directory is listed.
type Format uint8

const (
	FormatHTML Format = iota
	FormatJSON
	FormatJSONP
	FormatXML
)

// Listing says how List lists (NGINX autoindex_format, autoindex_exact_size, autoindex_localtime).
type Listing struct {
	Format Format
	// Rounded shows sizes in K, M and G, LocalTime the time of the server's zone; both in HTML only.
	Rounded, LocalTime bool
	// Callback is the function of JSONP; empty for plain JSON.
	Callback string
	// Bytewise counts the bytes of names where their column is cut: the page is not known to be UTF-8.
	Bytewise bool
}

// List answers with the listing of the directory dir, without its dotfiles, as NGINX does. dir ends with "/"; title is the path that it shows. It waits for the
// disk: on a reactor the error is pipeline.ErrOffload.
func (f *Files) List(c *pipeline.Ctx, dir, title string, how Listing) error {
	if !c.OnWorker() {
		return pipeline.ErrOffload
	}
	rel := ""
	if len(dir) > 1 {
		rel = dir[1 : len(dir)-1]
	}
	entries, err := f.readDir(rel, true)
	if err != nil {
		return f.fail(c, statusOf(err))
	}
	switch how.Format {
	case FormatJSON, FormatJSONP:
		b := appendJSON(nil, entries)
		if how.Format == FormatJSONP && how.Callback != "" {
			b = append(append([]byte("/* callback */\r\n"+how.Callback+"("), b...), ");"...)
			return c.Bytes(200, "application/javascript", b)
		}
		return c.Bytes(200, "application/json", b)
	case FormatXML:
		return c.Bytes(200, "text/xml; charset=utf-8", appendXML(nil, entries))
	}
	return c.Bytes(200, "text/html", appendHTMLAs(nil, title, entries, how))
}
