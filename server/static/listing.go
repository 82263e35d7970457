package static

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"os"
	"sort"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// dirEntry is one line of a listing. The field names are those of NGINX's autoindex_format json.
type dirEntry struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Mtime string `json:"mtime"`
	Size  *int64 `json:"size,omitempty"`

	time time.Time
	dir  bool
}

// list answers with the listing of a directory, as HTML in NGINX's format or as JSON. It waits for the disk: workers only.
func (f *Files) list(c *pipeline.Ctx, e *entry) error {
	rel := strings.Trim(e.key, "/")
	entries, err := f.readDir(rel)
	if err != nil {
		return f.fail(c, statusOf(err))
	}
	if wantsJSON(c.HeaderBytes(http1.Accept)) {
		b, err := json.Marshal(entries)
		if err != nil {
			return fmt.Errorf("static: %w", err)
		}
		return c.Bytes(200, "application/json", b)
	}
	return c.Bytes(200, "text/html; charset=utf-8", appendListing(nil, e.key, entries))
}

// wantsJSON reports whether an Accept value names JSON and not HTML.
func wantsJSON(accept []byte) bool {
	s := string(accept)
	return strings.Contains(s, "application/json") && !strings.Contains(s, "text/html")
}

// readDir returns the entries of a directory as NGINX orders them: directories first, then by name.
func (f *Files) readDir(rel string) ([]dirEntry, error) {
	fd, info, err := f.root.open(rel)
	if err != nil {
		return nil, err
	}
	d := os.NewFile(uintptr(fd), rel)
	defer func() { _ = d.Close() }()
	if !info.dir {
		return nil, syscall.ENOTDIR
	}
	list, err := d.ReadDir(maxListing)
	if err != nil && len(list) == 0 && err.Error() != "EOF" {
		return nil, err
	}
	entries := make([]dirEntry, 0, len(list))
	for _, item := range list {
		name := item.Name()
		if f.opt.HideDotfiles && name[0] == '.' {
			continue
		}
		if e, ok := f.describe(rel, name); ok {
			entries = append(entries, e)
		}
	}
	sort.Slice(entries, func(i, j int) bool {
		a, b := &entries[i], &entries[j]
		if a.dir != b.dir {
			return a.dir
		}
		return a.Name < b.Name
	})
	return entries, nil
}

// describe stats one entry the way it would be served, so that a link that leads out is not listed.
func (f *Files) describe(dir, name string) (dirEntry, bool) {
	rel := name
	if dir != "" {
		rel = dir + "/" + name
	}
	fd, info, err := f.root.open(rel)
	if err != nil {
		return dirEntry{}, false
	}
	_ = syscall.Close(fd)
	e := dirEntry{Name: name, Type: "file", Size: &info.size, dir: info.dir, time: time.Unix(info.mtime, 0).UTC()}
	if info.dir {
		e.Type, e.Size = "directory", nil
	}
	e.Mtime = e.time.Format("Mon, 02 Jan 2006 15:04:05 GMT")
	return e, true
}

// nameColumn is how wide NGINX shows names (NGX_HTTP_AUTOINDEX_NAME_LEN).
const nameColumn = 50

// appendListing appends NGINX's HTML page.
func appendListing(b []byte, path string, entries []dirEntry) []byte {
	title := html.EscapeString(path)
	b = append(b, "<html>\r\n<head><title>Index of "+title+"</title></head>\r\n<body>\r\n<h1>Index of "+title+"</h1><hr><pre><a href=\"../\">../</a>\r\n"...)
	for i := range entries {
		e := &entries[i]
		name, href := e.Name, url.PathEscape(e.Name)
		if strings.Contains(href, ":") { // "a:b" would be read as a scheme
			href = "./" + href
		}
		if e.dir {
			name, href = name+"/", href+"/"
		}
		b = append(b, "<a href=\""+html.EscapeString(href)+"\">"...)
		shown, pad := name, nameColumn-utf8.RuneCountInString(name)
		if pad < 0 {
			shown, pad = string([]rune(name)[:nameColumn-3])+"..>", 0
		}
		b = append(b, html.EscapeString(shown)+"</a>"+strings.Repeat(" ", pad)...)
		b = e.time.AppendFormat(b, " 02-Jan-2006 15:04 ")
		if e.dir {
			b = append(b, "                  -\r\n"...)
		} else {
			b = fmt.Appendf(b, "%19d\r\n", *e.Size)
		}
	}
	return append(b, "</pre><hr></body>\r\n</html>\r\n"...)
}

// ErrorPage returns an error handler that answers with a file of the tree, relative to the root, under the status of the
// error. The plain page stands in when the file cannot be read.
func (f *Files) ErrorPage(status int, rel string) pipeline.Handler {
	return func(c *pipeline.Ctx) error {
		fd, info, err := f.root.open(strings.TrimPrefix(rel, "/"))
		if err != nil || info.dir || info.size > 1<<20 {
			if err == nil {
				_ = syscall.Close(fd)
			}
			return c.Static(status, "text/html; charset=utf-8", pipeline.ErrorPage(status))
		}
		defer func() { _ = syscall.Close(fd) }()
		b, err := readWhole(fd, info.size)
		if err != nil {
			return c.Static(status, "text/html; charset=utf-8", pipeline.ErrorPage(status))
		}
		return c.Bytes(status, f.types.Lookup(rel), b)
	}
}
