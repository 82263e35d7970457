package static

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// dirEntry is one line of a listing.
type dirEntry struct {
	name string
	fileInfo
	special bool // neither file nor directory
}

// readDir returns the entries of a directory as NGINX orders them: directories first, then by the bytes of their names. It
// reads maxListing of them at most, and leaves dotfiles out if they are to be hidden.
func (f *Files) readDir(rel string, hide bool) ([]dirEntry, error) {
	fd, info, err := f.root.open(rel)
	if err != nil {
		return nil, err
	}
	d := os.NewFile(uintptr(fd), rel)
	defer func() { _ = d.Close() }()
	if !info.dir {
		return nil, syscall.ENOTDIR
	}
	names, err := d.Readdirnames(maxListing)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	entries := make([]dirEntry, 0, len(names))
	for _, name := range names {
		if hide && name[0] == '.' {
			continue
		}
		if e, ok := f.describe(fd, rel, name); ok {
			entries = append(entries, e)
		}
	}
	sort.Slice(entries, func(i, j int) bool {
		a, b := &entries[i], &entries[j]
		if a.dir != b.dir {
			return a.dir
		}
		return a.name < b.name
	})
	return entries, nil
}

// describe stats an entry of the directory fd. A file that may not be read is listed, as in NGINX. A link is what it leads
// to, and is left out when it cannot be opened there: it leads out, or to nothing.
func (f *Files) describe(fd int, dir, name string) (e dirEntry, ok bool) {
	info, link, err := statAt(fd, name)
	if link {
		if dir != "" {
			dir += "/"
		}
		var target int
		if target, info, err = f.root.open(dir + name); err == nil {
			_ = syscall.Close(target)
		}
	}
	if err != nil && (link || !errors.Is(err, errSpecial)) {
		return e, false
	}
	return dirEntry{name: name, fileInfo: info, special: err != nil}, true
}

// nameColumn is how wide NGINX shows names, and nameCut how much it shows of a longer one.
const (
	nameColumn = 50
	nameCut    = nameColumn - 3
)

// appendHTML appends NGINX's page, as it is with "charset utf-8".
func appendHTML(b []byte, path string, entries []dirEntry) []byte {
	return appendHTMLAs(b, path, entries, Listing{})
}

// appendNameColumn appends the text of a link, its end, and the blanks behind it. The slash of a directory is shown where
// there is room. A name that is no UTF-8, or is shown on a page of which that is not known, counts by its bytes.
func appendNameColumn(b []byte, e *dirEntry, bytewise bool) []byte {
	chars := []rune(e.name)
	n, cut := len(chars), nameCut
	if bytewise || !utf8.ValidString(e.name) {
		n = len(e.name)
	} else if n > nameColumn {
		cut = len(string(chars[:nameCut]))
	}
	if n > nameColumn {
		return append(b, escapeHTML(e.name[:cut])+"..&gt;</a>"...)
	}
	b = append(b, escapeHTML(e.name)...)
	if e.dir && n < nameColumn {
		b = append(b, '/')
		n++
	}
	return append(b, "</a>"+strings.Repeat(" ", nameColumn-n)...)
}

var htmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func escapeHTML(s string) string { return htmlEscaper.Replace(s) }

// appendEscapedName appends a name as one segment of a URL: all but the unreserved characters of RFC 3986 are escaped, so
// that neither a colon is taken for the end of a scheme nor a quote for the end of the attribute.
func appendEscapedName(b []byte, name string) []byte {
	for i := range len(name) {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b = append(b, c)
		} else {
			b = fmt.Appendf(b, "%%%02X", c)
		}
	}
	return b
}

// appendJSON appends the listing of NGINX's autoindex_format json.
func appendJSON(b []byte, entries []dirEntry) []byte {
	b = append(b, '[')
	for i := range entries {
		e := &entries[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, "\r\n{ \"name\":"...)
		b = appendJSONString(b, e.name)
		switch {
		case e.dir:
			b = append(b, `, "type":"directory", "mtime":"`...)
		case e.special:
			b = append(b, `, "type":"other", "mtime":"`...)
		default:
			b = append(b, `, "type":"file", "mtime":"`...)
		}
		b = http1.AppendDate(b, e.mtime)
		b = append(b, '"')
		if !e.dir && !e.special {
			b = fmt.Appendf(b, `, "size":%d`, e.size)
		}
		b = append(b, " }"...)
	}
	return append(b, "\r\n]"...)
}

// appendJSONString appends a string with the escapes of NGINX. What is no UTF-8 becomes U+FFFD, so that the page is JSON
// (RFC 8259 section 8.1) whatever the files are called.
func appendJSONString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ' && strings.IndexByte("\n\r\t\b\f", byte(r)) >= 0:
			b = append(b, '\\', "nrtbf"[strings.IndexByte("\n\r\t\b\f", byte(r))])
		case r < ' ':
			b = fmt.Appendf(b, `\u%04X`, r)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
