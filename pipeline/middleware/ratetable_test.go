package middleware

import (
	"math/rand/v2"
	"testing"
)

// The bound on keys holds, and the one that goes is the one that was not used for longest.
func TestRateTableForgetsTheOldest(t *testing.T) {
	var table rateTable
	table.init(64) // four in each shard
	s := table.shard(0)
	key := func(i int) uint64 { return uint64(i) << 32 } // all of shard 0; with four buckets, chains
	order := []int{}                                     // the model: oldest first
	rng := rand.New(rand.NewPCG(3, 4))
	for step := range 20000 {
		i := rng.IntN(9)
		known := false
		for at, k := range order {
			if known = k == i; known {
				order = append(order[:at:at], order[at+1:]...)
				break
			}
		}
		e := s.find(key(i))
		if (e != nil) != known {
			t.Fatalf("step %d: key %d known %v, want %v", step, i, e != nil, known)
		}
		if e == nil {
			e = s.add(key(i))
			e.last = int64(i)
			if len(order) == 4 {
				order = order[1:]
			}
		}
		if e.hash != key(i) || e.last != int64(i) {
			t.Fatalf("step %d: the entry of another key", step)
		}
		order = append(order, i)
	}
	if len(s.entries) != 4 || cap(s.entries) != 4 {
		t.Errorf("%d entries", len(s.entries))
	}
}

func TestRateTableSizes(t *testing.T) {
	for keys, each := range map[int]int{1: 1, 16: 1, 17: 2, 65536: 4096} {
		var table rateTable
		table.init(keys)
		for i := range table.shards {
			s := &table.shards[i]
			if len(s.entries) != each || len(s.buckets) < each || len(s.buckets) >= 2*each+1 {
				t.Errorf("%d keys: shard of %d entries, %d buckets", keys, len(s.entries), len(s.buckets))
			}
		}
	}
}
