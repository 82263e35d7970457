package views

import (
	"mime"
	"path/filepath"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// FileOptions say how [File] presents a file.
type FileOptions struct {
	// Attachment has browsers save the file instead of showing it.
	Attachment bool
	// Name is what a saved file is called; that of the file if it is empty.
	Name string
	// ContentType is found by the extension of the name if it is empty.
	ContentType string
}

// File answers with a file, sent by the kernel (Django: FileResponse; ranges are the business of static.Files). path is
// trusted. What does not exist is a 404. It opens the file, so it needs a worker: an inline handler that returns its error
// continues there.
func File(c *pipeline.Ctx, path string, o FileOptions) error {
	name := o.Name
	if name == "" {
		name = filepath.Base(path)
	}
	contentType := o.ContentType
	if contentType == "" {
		contentType = mime.TypeByExtension(filepath.Ext(name))
	}
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	if err := c.SendFile(contentType, path); err != nil {
		return err
	}
	if !o.Attachment && o.Name == "" {
		return nil
	}
	return c.SetHeader("Content-Disposition", ContentDisposition(o.Attachment, name))
}

// ContentDisposition returns the value of that field: "attachment" or "inline", and the name of the file (RFC 6266). A name
// beyond ASCII is given twice: as filename* in UTF-8 (RFC 8187) and, for old clients, with "_" for what they could not read.
// Control characters become "_".
func ContentDisposition(attachment bool, name string) string {
	kind := "inline"
	if attachment {
		kind = "attachment"
	}
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	if name == "" {
		return kind
	}
	ascii := strings.Map(func(r rune) rune {
		if r > '~' {
			return '_'
		}
		return r
	}, name)
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(ascii)
	value := kind + `; filename="` + quoted + `"`
	if ascii != name {
		value += "; filename*=UTF-8''" + escapeAttr(name)
	}
	return value
}

// escapeAttr percent-encodes what RFC 8187 section 3.2.1 does not have among attr-char.
func escapeAttr(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(s) {
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("!#$&+-.^_`|~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}
