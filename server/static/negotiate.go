package static

// Hot: runs for every request to a file that has precompressed siblings; no allocation.

import (
	"slices"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

const codings = 3

// coding is a kind of precompressed sibling.
type coding struct{ suffix, name string }

// codingTable lists the precompressed siblings in the order they are preferred (NGINX gzip_static, and brotli_static and
// zstd_static of the known modules).
var codingTable = [codings]coding{
	{".br", "br"},
	{".zst", "zstd"},
	{".gz", "gzip"},
}

// negotiate returns which sibling of e to send, or -1 for the file itself.
func (f *Files) negotiate(c *pipeline.Ctx, e *entry) int {
	accept := c.HeaderBytes(http1.AcceptEncoding)
	if !e.coded || len(accept) == 0 && f.opt.Accepts == nil {
		return -1
	}
	for i := range codingTable {
		if e.coding[i] != nil && f.accepts(c, accept, codingTable[i].name) {
			return i
		}
	}
	return -1
}

func (f *Files) accepts(c *pipeline.Ctx, accept []byte, coding string) bool {
	if f.opt.Accepts != nil {
		return f.opt.Accepts(c, coding)
	}
	return http1.AcceptsEncoding(accept, coding)
}

// wanted tells whether siblings of a coding are looked for.
func (f *Files) wanted(c *coding) bool {
	return f.opt.Siblings == nil || slices.Contains(f.opt.Siblings, c.name)
}
