package static

import (
	"strings"
	"syscall"

	"github.com/wheelpit/wheelpit/pipeline"
)

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
