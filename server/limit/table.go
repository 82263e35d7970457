package limit

// Hot: looked up for every request; no allocation for keys up to inlineKey bytes, no map, no defer.

import (
	"bytes"
	"hash/maphash"
	"math/bits"
	"sync"
)

// table holds the states of a zone, in shards by the hash of their keys.
type table struct {
	seed   maphash.Seed
	shift  uint // of a hash, to the number of its shard
	shards []shard
}

// shard is a hash table with chains, and a list of its states from the last used to the one that is idle for longest. States
// are numbered from 1; 0 is none. There is no pointer in them, so the garbage collector does not look at them.
type shard struct {
	mu             sync.Mutex
	buckets        []int32 // first state of a chain
	states         []state
	long           [][]byte // keys that are too long for a state, by its number
	top            int32    // states behind it were never used
	free           int32    // first of those that were given back
	newest, oldest int32
	head           int   // bytes of a state before its key, as NGINX counts
	room           int64 // bytes left, as NGINX counts
	rest           int64 // of them, what lies in the page of the tree's root: for states of the least slot only

	_ [64]byte // locks of two shards do not share a cache line
}

// state is one key of a zone.
type state struct {
	hash         uint64
	last         int64 // when excess was right, in milliseconds
	excess       int64 // in thousandths of a request
	next         int32 // in its chain, or of the free ones
	newer, older int32
	count        int32 // limit_req: requests that pin it; limit_conn: requests in progress
	size         int32 // of the key
	key          [inlineKey]byte
}

// newTable lays out a table for a zone of size bytes whose states have head bytes before their key.
func newTable(size int64, head int) *table {
	n := 1
	for n < maxShards && int64(n)*2*shardSize <= size {
		n *= 2
	}
	pages := (size-slabHead)/(pageSize+pageEntry) - 1 // one is taken by the name of the zone
	least := slot(head + 1)
	room := pages*pageSize - least // one slot is taken by the root of the tree
	t := &table{seed: maphash.MakeSeed(), shift: uint(64 - bits.Len(uint(n-1))), shards: make([]shard, n)}
	for i := range t.shards {
		s := &t.shards[i]
		s.head, s.room = head, room/int64(n)
		states := s.room / least
		s.states = make([]state, states+1)
		s.buckets = make([]int32, 1<<bits.Len64(uint64(states)))
	}
	t.shards[0].rest = pageSize - least
	return t
}

// slot is how many bytes NGINX's slab allocator takes for n.
func slot(n int) int64 {
	if n > pageSize/2 {
		return int64(n+pageSize-1) / pageSize * pageSize
	}
	return int64(1) << bits.Len(uint(n-1))
}

// shard returns the shard of a hash.
func (t *table) shard(hash uint64) *shard { return &t.shards[hash>>t.shift] }

func (s *shard) bucket(hash uint64) *int32 { return &s.buckets[hash&uint64(len(s.buckets)-1)] }

// find returns the number of the state of key, 0 when there is none.
func (s *shard) find(hash uint64, key []byte) int32 {
	for i := *s.bucket(hash); i != 0; i = s.states[i].next {
		if s.states[i].hash == hash && bytes.Equal(s.keyOf(i), key) {
			return i
		}
	}
	return 0
}

func (s *shard) keyOf(i int32) []byte {
	e := &s.states[i]
	if e.size <= inlineKey {
		return e.key[:e.size]
	}
	return s.long[i]
}

// fits tells whether there is room for a state of key.
func (s *shard) fits(key []byte) bool {
	n := slot(s.head + len(key))
	if n > slot(s.head+1) {
		n += s.rest
	}
	return s.room >= n && (s.free != 0 || int(s.top)+1 < len(s.states))
}

// add makes a state of key, which fits and is not there, the newest.
func (s *shard) add(hash uint64, key []byte) int32 {
	i := s.free
	if i != 0 {
		s.free = s.states[i].next
	} else {
		s.top++
		i = s.top
	}
	e, b := &s.states[i], s.bucket(hash)
	*e = state{hash: hash, next: *b, size: int32(len(key))}
	*b = i
	if copy(e.key[:], key); len(key) > inlineKey {
		if s.long == nil {
			s.long = make([][]byte, len(s.states))
		}
		s.long[i] = bytes.Clone(key)
	}
	s.room -= slot(s.head + len(key))
	s.link(i)
	return i
}

// remove forgets a state.
func (s *shard) remove(i int32) {
	e := &s.states[i]
	p := s.bucket(e.hash)
	for *p != i {
		p = &s.states[*p].next
	}
	*p = e.next
	s.unlink(i)
	s.room += slot(s.head + int(e.size))
	if e.size > inlineKey {
		s.long[i] = nil
	}
	*e = state{next: s.free}
	s.free = i
}

// touch makes a state the newest.
func (s *shard) touch(i int32) {
	if s.newest != i {
		s.unlink(i)
		s.link(i)
	}
}

func (s *shard) link(i int32) {
	e := &s.states[i]
	e.newer, e.older = 0, s.newest
	if s.newest != 0 {
		s.states[s.newest].newer = i
	} else {
		s.oldest = i
	}
	s.newest = i
}

func (s *shard) unlink(i int32) {
	e := &s.states[i]
	if e.newer != 0 {
		s.states[e.newer].older = e.older
	} else {
		s.newest = e.older
	}
	if e.older != 0 {
		s.states[e.older].newer = e.newer
	} else {
		s.oldest = e.newer
	}
}
