package gzip_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/filter/filtertest"
	"github.com/wheelpit/wheelpit/server/gzip"
	"github.com/wheelpit/wheelpit/server/static"
)

// version is the content of a file at one time. All have one length, and the same time of modification, so that neither their
// entity tag nor their path tells them apart.
func version(n int) string {
	return strings.Repeat(fmt.Sprintf("<p>version %06d of a page</p>\n", n), 300)
}

// A file that is replaced while it is asked for: every answer is one of its versions, whole, and in the end the last.
func TestReplaced(t *testing.T) {
	dir := filtertest.Dir(t, map[string]string{"a.html": version(0)})
	f := newFilter(t, gzip.Config{})
	ours := filtertest.Files(t, dir, static.Options{Types: filtertest.Types, Filtered: f.Changes, Revalidate: 10 * time.Millisecond}, f)
	stamp := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	replace := func(n int) {
		next := filepath.Join(dir, "next")
		if err := os.WriteFile(next, []byte(version(n)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(next, stamp, stamp); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, filepath.Join(dir, "a.html")); err != nil {
			t.Fatal(err)
		}
	}
	replace(0)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for range 60 {
				body := plain(t, filtertest.Get(t, ours, "GET", "/a.html", "1.1", "Accept-Encoding: gzip"))
				var n int
				if _, err := fmt.Sscanf(body, "<p>version %d", &n); err != nil || body != version(n) {
					t.Errorf("version %d: %v, %.60q", n, err, body)
				}
			}
		})
	}
	for n := range 15 {
		replace(n)
		time.Sleep(15 * time.Millisecond)
	}
	wg.Wait()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) { // ticks are coarse
		body := plain(t, filtertest.Get(t, ours, "GET", "/a.html", "1.1", "Accept-Encoding: gzip"))
		if body == version(14) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the last version is not seen: %.60q", body)
		}
	}
}
