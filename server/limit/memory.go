package limit

import (
	"crypto/rand"
	"encoding/binary"
	"math/bits"
	"os"
	"sync/atomic"
	"unsafe"
)

// layout is how the memory of a zone is divided. It follows from the size of the zone alone, so that processes which know that
// see the same. There are no pointers in it, and zeros are an empty zone:
//
//	seed │ head of shard 0, 1 ... │ buckets and states of shard 0 │ of shard 1 ...
type layout struct {
	head                    int   // bytes of a state before its key, as NGINX counts
	room                    int64 // bytes of a shard, as NGINX counts
	rest                    int64 // of the first, what lies in the page of the tree's root: for states of the least slot only
	shards, buckets, states int
}

// seed is what keys are hashed with. The process that looks first sets it.
type seed [8]atomic.Uint64 // the first two are used: the rest of the cache line is free

const (
	seedBytes   = int64(unsafe.Sizeof(seed{}))
	headBytes   = int64(unsafe.Sizeof(shardHead{}))
	bucketBytes = int64(unsafe.Sizeof(int32(0)))
	stateBytes  = int64(unsafe.Sizeof(state{}))
)

// lay lays out a zone of size bytes whose states have head bytes before their key.
func lay(size int64, head int) layout {
	n := 1
	for n < maxShards && int64(n)*2*shardSize <= size {
		n *= 2
	}
	pages := (size-slabHead)/(pageSize+pageEntry) - 1 // one is taken by the name of the zone
	least := slot(head + 1)
	room := (pages*pageSize - least) / int64(n) // one slot is taken by the root of the tree
	states := room / least
	return layout{head: head, room: room, rest: pageSize - least,
		shards: n, buckets: 1 << bits.Len64(uint64(states)), states: int(states) + 1}
}

// shardBytes is the memory of the buckets and states of a shard, in whole cache lines.
func (l *layout) shardBytes() int64 {
	return (int64(l.buckets)*bucketBytes + int64(l.states)*stateBytes + 63) &^ 63
}

// bytes is the memory of the zone.
func (l *layout) bytes() int64 {
	return seedBytes + int64(l.shards)*(headBytes+l.shardBytes())
}

// table makes a table in memory of this process.
func (l *layout) table() *table {
	words := make([]uint64, l.bytes()/8) // for the alignment
	return l.open(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), l.bytes()))
}

// open looks at memory of l.bytes as a table. It is aligned to 8 bytes, and mapped for as long as the table is used.
func (l *layout) open(memory []byte) *table {
	t := &table{shift: uint(64 - bits.Len(uint(l.shards-1))), owner: uint32(os.Getpid()), shards: make([]shard, l.shards)}
	t.seed = (*seed)(at(memory, 0, seedBytes)).get()
	for i := range t.shards {
		s := &t.shards[i]
		s.head, s.room = l.head, l.room
		if i == 0 {
			s.rest = l.rest
		}
		s.shardHead = (*shardHead)(at(memory, seedBytes+int64(i)*headBytes, headBytes))
		from := seedBytes + int64(l.shards)*headBytes + int64(i)*l.shardBytes()
		buckets := int64(l.buckets) * bucketBytes
		s.buckets = unsafe.Slice((*int32)(at(memory, from, buckets)), l.buckets)
		s.states = unsafe.Slice((*state)(at(memory, from+buckets, int64(l.states)*stateBytes)), l.states)
	}
	return t
}

// at returns where size bytes of memory begin; they must be there.
func at(memory []byte, from, size int64) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(memory[from : from+size]))
}

// get returns the seed, the same to all processes that share it.
func (s *seed) get() (k [2]uint64) {
	for i := range k {
		for s[i].Load() == 0 {
			var b [8]byte
			_, _ = rand.Read(b[:]) // it never fails
			s[i].CompareAndSwap(0, binary.LittleEndian.Uint64(b[:]))
		}
		k[i] = s[i].Load()
	}
	return k
}
