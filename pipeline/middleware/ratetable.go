package middleware

// Hot: runs for every request; no allocation, no map, no defer.

import "sync"

// rateTable holds the state of the most recent keys, in memory that is allocated once. A key is a hash, which picks one of
// the shards; a shard is a hash table with chains through one array of entries, which is also a list in the order of use.
type rateTable struct{ shards [rateShards]rateShard }

const rateShards = 16 // a power of two

// rateEntry is 32 bytes; links are indices.
type rateEntry struct {
	hash         uint64
	last         int64 // milliseconds
	excess       int32 // requests in thousandths
	chain        int32 // next of the same bucket
	newer, older int32 // neighbours in the order of use
}

// none ends a chain and a list.
const none = -1

type rateShard struct {
	mu             sync.Mutex
	buckets        []int32 // heads of the chains; the length is a power of two
	entries        []rateEntry
	used           int32 // entries[:used] are in use
	newest, oldest int32
	_              [32]byte // keeps the locks of two shards out of one cache line
}

// init makes room for at least that many keys.
func (t *rateTable) init(keys int) {
	each := (keys + rateShards - 1) / rateShards
	buckets := 1
	for buckets < each {
		buckets *= 2
	}
	for i := range t.shards {
		s := &t.shards[i]
		s.entries, s.buckets = make([]rateEntry, each), make([]int32, buckets)
		for j := range s.buckets {
			s.buckets[j] = none
		}
		s.used, s.newest, s.oldest = 0, none, none
	}
}

func (t *rateTable) shard(hash uint64) *rateShard { return &t.shards[hash&(rateShards-1)] }

// bucket takes other bits of the hash than shard does.
func (s *rateShard) bucket(hash uint64) *int32 {
	return &s.buckets[hash>>32&uint64(len(s.buckets)-1)]
}

// find returns the entry of a key and makes it the newest, nil when there is none. s.mu is held.
func (s *rateShard) find(hash uint64) *rateEntry {
	for i := *s.bucket(hash); i != none; i = s.entries[i].chain {
		if s.entries[i].hash == hash {
			s.unlink(i)
			s.link(i)
			return &s.entries[i]
		}
	}
	return nil
}

// add makes an entry for a key that has none, in the place of the one that was not used for longest when all are taken.
// s.mu is held.
func (s *rateShard) add(hash uint64) *rateEntry {
	i := s.used
	if int(i) < len(s.entries) {
		s.used++
	} else {
		i = s.oldest
		s.unlink(i)
		at := s.bucket(s.entries[i].hash)
		for *at != i {
			at = &s.entries[*at].chain
		}
		*at = s.entries[i].chain
	}
	at := s.bucket(hash)
	s.entries[i] = rateEntry{hash: hash, chain: *at}
	*at = i
	s.link(i)
	return &s.entries[i]
}

// link makes i the newest.
func (s *rateShard) link(i int32) {
	e := &s.entries[i]
	e.newer, e.older = none, s.newest
	if s.newest != none {
		s.entries[s.newest].newer = i
	} else {
		s.oldest = i
	}
	s.newest = i
}

func (s *rateShard) unlink(i int32) {
	e := &s.entries[i]
	if e.newer != none {
		s.entries[e.newer].older = e.older
	} else {
		s.newest = e.older
	}
	if e.older != none {
		s.entries[e.older].newer = e.newer
	} else {
		s.oldest = e.newer
	}
}
