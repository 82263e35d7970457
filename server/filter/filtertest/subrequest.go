package filtertest

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter"
)

// NotFound is the body of a Subrequest for a file that does not exist.
const NotFound = "<404 of a subrequest>"

// Subrequests answers subrequests with the files of dir, "?" and their arguments behind it.
func Subrequests(dir string) filter.Subrequest {
	return func(_ *pipeline.Ctx, path, args string, w io.Writer) (int, error) {
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(path, "/"))))
		status := http.StatusOK
		if err != nil {
			b, status = []byte(NotFound), http.StatusNotFound
		}
		if args != "" {
			b = append(append(b, '?'), args...)
		}
		_, err = w.Write(b)
		return status, err
	}
}
