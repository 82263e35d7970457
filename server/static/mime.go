package static

import "strings"

// DefaultType is the content type of a file whose extension is not known (NGINX default_type, as its nginx.conf has it).
const DefaultType = "application/octet-stream"

// Types maps extensions to content types. It is immutable and may be used by any goroutine.
type Types struct {
	byExt   map[string]string
	deflt   string
	charset string
}

// NewTypes returns NGINX's table with extra entries (extension without dot → type) laid over it. charset, if any, is added
// to text types, deflt replaces DefaultType.
func NewTypes(extra map[string]string, charset, deflt string) *Types {
	if deflt == "" {
		deflt = DefaultType
	}
	t := &Types{byExt: map[string]string{}, charset: charset}
	t.deflt = t.withCharset(deflt)
	for _, row := range nginxTypes {
		for _, ext := range row[1:] {
			t.byExt[ext] = t.withCharset(row[0])
		}
	}
	for ext, typ := range extra {
		t.byExt[strings.ToLower(ext)] = t.withCharset(typ)
	}
	return t
}

// NewOnlyTypes returns a table of its own (extension without dot → type), as NGINX's types block makes one.
func NewOnlyTypes(byExt map[string]string, deflt string) *Types {
	t := &Types{byExt: make(map[string]string, len(byExt)), deflt: deflt}
	for ext, typ := range byExt {
		t.byExt[strings.ToLower(ext)] = typ
	}
	return t
}

func (t *Types) withCharset(typ string) string {
	text := strings.HasPrefix(typ, "text/") || typ == "application/json" || typ == "application/javascript"
	if t.charset == "" || !text || strings.Contains(typ, "charset=") {
		return typ
	}
	return typ + "; charset=" + t.charset
}

// Lookup returns the content type of a path by what follows the last dot of its last segment, in any case.
func (t *Types) Lookup(path string) string {
	for i := len(path) - 1; i >= 0 && path[i] != '/'; i-- {
		if path[i] == '.' {
			if typ, ok := t.byExt[strings.ToLower(path[i+1:])]; ok {
				return typ
			}
			break
		}
	}
	return t.deflt
}
