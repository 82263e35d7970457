package static

import (
	"fmt"
	"strings"
	"time"
)

// appendHTMLAs is appendHTML with NGINX's options.
func appendHTMLAs(b []byte, path string, entries []dirEntry, how Listing) []byte {
	zone := time.UTC
	if how.LocalTime {
		zone = time.Local
	}
	title := escapeHTML(path)
	b = append(b, "<html>\r\n<head><title>Index of "+title+"</title></head>\r\n<body>\r\n<h1>Index of "+title+"</h1><hr><pre><a href=\"../\">../</a>\r\n"...)
	for i := range entries {
		e := &entries[i]
		b = append(b, `<a href="`...)
		b = appendEscapedName(b, e.name)
		if e.dir {
			b = append(b, '/')
		}
		b = append(b, `">`...)
		b = appendNameColumn(b, e, how.Bytewise)
		b = time.Unix(e.mtime, 0).In(zone).AppendFormat(b, " 02-Jan-2006 15:04 ")
		b = appendSize(b, e, how.Rounded)
		b = append(b, "\r\n"...)
	}
	return append(b, "</pre><hr></body>\r\n</html>\r\n"...)
}

// appendSize appends the last column.
func appendSize(b []byte, e *dirEntry, rounded bool) []byte {
	switch {
	case e.dir && rounded:
		return append(b, "      -"...)
	case e.dir:
		return fmt.Appendf(b, "%19s", "-")
	case !rounded:
		return fmt.Appendf(b, "%19d", e.size)
	}
	size, unit := roundSize(e.size)
	if unit == 0 {
		return fmt.Appendf(b, "%7d", size)
	}
	return fmt.Appendf(b, "%6d%c", size, unit)
}

// roundSize rounds as NGINX does: half up, to the largest unit that leaves more than 9999 bytes or 1 of it.
func roundSize(n int64) (size int64, unit byte) {
	up := func(shift uint) int64 {
		size := n >> shift
		if n&(1<<shift-1) > 1<<(shift-1)-1 {
			size++
		}
		return size
	}
	switch {
	case n > 1<<30-1:
		return up(30), 'G'
	case n > 1<<20-1:
		return up(20), 'M'
	case n > 9999:
		return up(10), 'K'
	}
	return n, 0
}

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// appendXML appends the listing of NGINX's autoindex_format xml.
func appendXML(b []byte, entries []dirEntry) []byte {
	b = append(b, "<?xml version=\"1.0\"?>\r\n<list>\r\n"...)
	for i := range entries {
		e := &entries[i]
		tag := "file"
		switch {
		case e.dir:
			tag = "directory"
		case e.special:
			tag = "other"
		}
		b = append(b, "<"+tag+` mtime="`...)
		b = time.Unix(e.mtime, 0).UTC().AppendFormat(b, "2006-01-02T15:04:05Z")
		if tag == "file" {
			b = fmt.Appendf(b, `" size="%d`, e.size)
		}
		b = append(b, `">`+xmlEscaper.Replace(e.name)+"</"+tag+">\r\n"...)
	}
	return append(b, "</list>\r\n"...)
}
