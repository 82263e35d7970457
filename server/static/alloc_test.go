//go:build !race && !invariants

package static

import (
	"testing"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// What runs for every request allocates nothing.
func TestNoAllocations(t *testing.T) {
	types := NewTypes(nil, "utf-8", "")
	cache := newCache(16, 1<<20)
	cache.hand(&entry{key: "/a.html", status: 200})
	cache.hand(&entry{key: "/b.html", status: 404})
	coded := &entry{coded: true}
	coded.coding[2] = &entry{}
	var list [MaxRanges]byteRange
	buf := make([]byte, 0, 256)
	conditions := preconditions{ifMatch: []byte(`"x", "a-b"`), ifNoneMatch: []byte(`W/"x", "y"`)}
	dates := preconditions{ifModifiedSince: testDate(1), ifUnmodifiedSince: testDate(1)}
	files, encoding := new(Files), pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Header("Accept-Encoding", "gzip;q=0.5, zstd, br;q=0"))
	several, bomb := []byte("bytes=0-1, 5-, -3"), []byte("bytes=0-,0-,0-")
	ifRange := testDate(0)
	for name, f := range map[string]func(){
		"types":     func() { types.Lookup("/dir/file.html") },
		"etag":      func() { appendETag(buf[:0], testTime, 1<<40) },
		"tags":      func() { conditions.evaluate(testTag, testTime, Exact, false) },
		"dates":     func() { dates.evaluate(testTag, testTime, Before, false) },
		"If-Range":  func() { ifRangeHolds(ifRange, testTag, testTime) },
		"ranges":    func() { parseRanges(several, 100, list[:]); parseRanges(bomb, 100, list[:]) },
		"part head": func() { appendPartHead(buf[:0], "boundary", "text/plain", byteRange{1, 2}, 100) },
		"negotiate": func() { files.negotiate(encoding, coded) },
		"cache":     func() { cache.lookup("/a.html"); cache.lookup("/b.html"); cache.lookup("/none") },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// What the watch costs a request that is answered from the cache.
func BenchmarkTrusted(b *testing.B) {
	for name, w := range map[string]*watcher{"watched": shared(), "alone": nil} {
		b.Run(name, func(b *testing.B) {
			f := &Files{watch: w, valid: 1 << 30}
			c, t := newCache(16, 1<<20), pipelinetest.NewCtx(b, "GET", "/").Transport()
			c.reactor = new(loop.Reactor)
			e := &entry{key: "/a.html", status: 200, checked: t.Ticks(), seen: []*node{{}}}
			c.hand(e)
			for b.Loop() {
				if e := c.lookup("/a.html"); !f.trusted(c, t, e) {
					b.Fatal("not trusted")
				}
			}
		})
	}
}
