package limit

// Hot: looked up for every request; no allocation, no map, no defer.

import (
	"bytes"
	"math/bits"
	"sync/atomic"
)

// table is how a process sees the states of a zone, which lie in shards by the hash of their keys.
type table struct {
	seed   [2]uint64
	shift  uint   // of a hash, to the number of its shard
	owner  uint32 // the id of this process
	shards []shard
}

// shardHead is what changes of a shard besides its states. It lies in the memory of the zone, as the states do.
type shardHead struct {
	word           atomic.Uint32 // the id of the process that holds the lock, 0 for none
	top            int32         // states behind it were never used
	free           int32         // first of those that were given back
	newest, oldest int32
	_              int32
	used           int64 // bytes that are taken, as NGINX counts

	_ [96]byte // locks of two shards share neither a cache line nor a pair of them
}

// shard is a hash table with chains, and a list of its states from the last used to the one that is idle for longest. States
// are numbered from 1; 0 is none.
type shard struct {
	*shardHead
	buckets []int32 // first state of a chain
	states  []state
	head    int   // see layout
	room    int64 // bytes, as NGINX counts
	rest    int64
}

// state is one key of a zone; of limit_conn, one key of one process. A size of 0 says that it is free.
type state struct {
	hash         uint64
	last         int64 // when excess was right, in milliseconds
	excess       int64 // in thousandths of a request
	next         int32 // in its chain, or of the free ones
	newer, older int32
	count        int32  // limit_conn: requests in progress
	owner        uint32 // limit_conn: the process that they are in progress in
	size         int32  // of the key
	key          [inlineKey]byte
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

// find returns the number of the state of a key, 0 when there is none.
func (s *shard) find(id ident) int32 {
	for i := *s.bucket(id.hash); i != 0; i = s.states[i].next {
		if s.states[i].is(&id) {
			return i
		}
	}
	return 0
}

func (e *state) is(id *ident) bool {
	return e.hash == id.hash && e.size == id.size && bytes.Equal(e.key[:len(id.key)], id.key)
}

// fits tells whether there is room for a state of a key.
func (s *shard) fits(id ident) bool {
	n := slot(s.head + int(id.size))
	if n > slot(s.head+1) {
		n += s.rest
	}
	return s.room-s.used >= n && (s.free != 0 || int(s.top)+1 < len(s.states))
}

// add makes a state of a key, which fits and is not there, the newest.
func (s *shard) add(id ident, owner uint32) int32 {
	i := s.free
	if i != 0 {
		s.free = s.states[i].next
	} else {
		s.top++
		i = s.top
	}
	e, b := &s.states[i], s.bucket(id.hash)
	*e = state{hash: id.hash, next: *b, size: id.size, owner: owner}
	copy(e.key[:], id.key)
	*b = i
	s.used += slot(s.head + int(id.size))
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
	s.used -= slot(s.head + int(e.size))
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
