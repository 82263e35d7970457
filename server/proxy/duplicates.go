package proxy

// Hot: asked for every answer; no allocation unless the upstream errs, no map, no defer.

import (
	"fmt"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// single are the fields of which an answer has one; NGINX takes the first line and leaves the others out.
const single http1.FieldSet = 1<<http1.ContentType | 1<<http1.Date | 1<<http1.LastModified | 1<<http1.ETag | 1<<http1.Server | 1<<http1.Location |
	1<<http1.Expires | 1<<http1.XAccelExpires | 1<<http1.XAccelRedirect

// dropDuplicates takes the lines out of the answer that say again what may be said once: a client that takes another one than
// we do would read it in another way. A line that is taken out has no name.
func (x *call) dropDuplicates() {
	if !x.res.Repeats(single) {
		return
	}
	var seen http1.FieldSet
	for i := range x.res.Fields {
		f := &x.res.Fields[i]
		bit := http1.FieldSet(1) << f.ID & single
		if bit != 0 && seen&bit != 0 {
			x.noteDuplicate(f)
			*f = http1.Field{}
			continue
		}
		seen |= bit
	}
}

func (x *call) noteDuplicate(f *http1.Field) {
	name, old := f.Name.Of(x.raw), http1.Span{}
	if v, ok := x.res.First(f.ID); ok {
		old = v
	}
	x.note("warn", fmt.Sprintf("upstream sent duplicate header line: \"%s: %s\", previous value: \"%s: %s\", ignored while reading response header from upstream",
		name, f.Value.Of(x.raw), name, old.Of(x.raw)))
}
