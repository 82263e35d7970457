package cache_test

import (
	"fmt"
	"time"

	"github.com/wheelpit/wheelpit/server/cache"
)

// What a gateway does: answer from the zone, or fetch and store. A reactor would run Open on a worker, and come back.
func Example() {
	zone, err := cache.Open(cache.Config{Name: "one", KeysZone: 10 << 20, Memory: 64 << 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer zone.Close()

	var fresh cache.Freshness
	serve := func(r *cache.Request, now int64) {
		r.Reset(zone, cache.KeyOf([]byte("http://backend/page")), nil, 1)
		defer r.Release()
		v := r.Lookup(now)
		for v == cache.NeedsOpen {
			r.Open(now)
			v = r.Lookup(now)
		}
		if v == cache.Hit {
			body, _ := r.Entry().Bytes()
			fmt.Printf("%s, %d seconds left: %s\n", cache.StatusHit, r.Entry().Remaining(now), body)
			return
		}
		// The upstream answers.
		var m cache.Meta
		fresh.Reset(now, 0)
		fresh.Field([]byte("Cache-Control"), []byte("max-age=60"))
		if fresh.Result(&m, 200, nil) {
			if w := r.Begin(m, []byte("Content-Type: text/plain\r\n"), 5); w != nil {
				w.Write([]byte("hello"))
				w.Commit(now)
			}
		}
		fmt.Println(cache.StatusMiss)
	}

	now := time.Now().UnixMilli()
	var r cache.Request
	serve(&r, now)
	serve(&r, now+10_000)
	// Output:
	// MISS
	// HIT, 50 seconds left: hello
}
