package static

// Hot: runs for every request to a file that has precompressed siblings; no allocation.

import "github.com/wheelpit/wheelpit/loop/http1"

const codings = 3

// codingTable lists the precompressed siblings in the order they are preferred (NGINX gzip_static, and brotli_static and
// zstd_static of the known modules).
var codingTable = [codings]struct{ suffix, name string }{
	{".br", "br"},
	{".zst", "zstd"},
	{".gz", "gzip"},
}

// negotiate returns which sibling of e to send for an Accept-Encoding value, or -1 for the file itself.
func negotiate(e *entry, accept []byte) int {
	if !e.coded || len(accept) == 0 {
		return -1
	}
	for i := range codingTable {
		if e.coding[i] != nil && http1.AcceptsEncoding(accept, codingTable[i].name) {
			return i
		}
	}
	return -1
}
