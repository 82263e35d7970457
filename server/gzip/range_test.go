package gzip_test

import (
	"testing"

	"github.com/wheelpit/wheelpit/server/filter/filtertest"
	"github.com/wheelpit/wheelpit/server/gzip"
	"github.com/wheelpit/wheelpit/server/static"
)

// A file that is compressed has no ranges; one that is not has them, whoever asks.
func TestRangesAgainstNginx(t *testing.T) {
	dir := filtertest.Dir(t, files)
	nginx := filtertest.Nginx(t, dir, "", "gzip on;")
	f := newFilter(t, gzip.Config{MinLength: gzip.DefaultMinLength})
	ours := filtertest.Files(t, dir, static.Options{Types: filtertest.Types, Filtered: f.Changes}, f)
	for name := range files {
		for _, encoding := range []string{"Accept-Encoding: gzip", "Accept-Encoding: br"} {
			for _, r := range []string{"bytes=0-9", "bytes=5-", "bytes=-1", "bytes=999999999-", "bytes=0-0,2-3"} {
				want := filtertest.Get(t, nginx, "GET", "/"+name, "1.1", encoding, "Range: "+r)
				got := filtertest.Get(t, ours, "GET", "/"+name, "1.1", encoding, "Range: "+r)
				diff := filtertest.Diff(want, got, "Content-Encoding", "Content-Range", "Accept-Ranges", "Etag")
				if diff == "" && want.StatusCode == 200 && plain(t, got) != plain(t, want) {
					diff = "other body"
				}
				if diff != "" && got.StatusCode != 416 { // whose page differs
					t.Errorf("%s, %s, %s: %s", name, encoding, r, diff)
				}
			}
		}
	}
}
