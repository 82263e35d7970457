package static

import (
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// list answers with the listing of a directory, as HTML in NGINX's format or as JSON. It waits for the disk: workers only.
func (f *Files) list(c *pipeline.Ctx, e *entry) error {
	rel := strings.Trim(e.key, "/")
	entries, err := f.readDir(rel, f.opt.HideDotfiles)
	if err != nil {
		return f.fail(c, statusOf(err))
	}
	if wantsJSON(c.HeaderBytes(http1.Accept)) {
		return c.Bytes(200, "application/json", appendJSON(nil, entries))
	}
	return c.Bytes(200, "text/html; charset=utf-8", appendHTML(nil, e.key, entries))
}

// wantsJSON reports whether an Accept value names JSON and not HTML.
func wantsJSON(accept []byte) bool {
	s := string(accept)
	return strings.Contains(s, "application/json") && !strings.Contains(s, "text/html")
}
