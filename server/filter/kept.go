package filter

// Hot: find runs for every response of a file that may be compressed; no allocation, no map, no lock.

import (
	"bytes"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"unsafe"
)

const (
	// keptMemory bounds the bytes of the forms that one filter keeps, those of their sources included.
	keptMemory = 32 << 20
	// keptBody is the largest body in bytes of which a form is kept.
	keptBody = 1 << 20
	// keptSlots is the number of forms; a power of two.
	keptSlots = 1 << keptBits
	keptBits  = 10
)

// form is a body that never changes and what a coding made of it. It is immutable.
type form struct {
	src, out []byte
	hash     uint64
}

// kept are the forms of one coding. They are found by what they were made of, never by a name: first by the memory it lies in,
// which the form keeps from being used for anything else; then, for a file that was read anew, by its bytes. Any
// goroutine may use it. A slot holds one form; another one that falls into it takes its place.
type kept struct {
	near [keptSlots]atomic.Pointer[form] // by address
	far  [keptSlots]atomic.Pointer[form] // by content
	seed maphash.Seed

	mu     sync.Mutex // guards what follows, and every store into a slot
	memory int        // bytes of all slots
	limit  int
	hand   int // next slot to be emptied
}

func newKept() *kept { return &kept{seed: maphash.MakeSeed(), limit: keptMemory} }

// find returns the form of a body that never changes, or nil.
func (k *kept) find(src []byte) *form {
	if len(src) == 0 {
		return nil
	}
	f := k.near[nearSlot(src)].Load()
	if f != nil && unsafe.SliceData(f.src) == unsafe.SliceData(src) && len(f.src) == len(src) {
		return f
	}
	return k.findAnew(src)
}

// findEqual looks for a form by content. src may change afterwards.
func (k *kept) findEqual(src []byte) *form {
	h := maphash.Bytes(k.seed, src)
	f := k.far[h%keptSlots].Load()
	if f == nil || f.hash != h || !bytes.Equal(f.src, src) {
		return nil
	}
	return f
}

// findAnew looks for a form by content, and leaves it where it is found by address.
func (k *kept) findAnew(src []byte) *form {
	f := k.findEqual(src)
	if f == nil {
		return nil
	}
	f = &form{src: src, out: f.out, hash: f.hash}
	k.mu.Lock()
	k.store(&k.near[nearSlot(src)], f)
	k.mu.Unlock()
	return f
}

// keep keeps what a coding made of src; both belong to the cache from now on and must not change.
func (k *kept) keep(src, out []byte) {
	if len(src) == 0 || len(src) > keptBody {
		return
	}
	f := &form{src: src, out: out, hash: maphash.Bytes(k.seed, src)}
	k.mu.Lock()
	k.store(&k.far[f.hash%keptSlots], f)
	k.store(&k.near[nearSlot(src)], f)
	k.mu.Unlock()
}

// store puts f into a slot and empties others until the memory suffices. The slot's own form goes first.
func (k *kept) store(slot *atomic.Pointer[form], f *form) {
	k.memory += f.size() - slot.Swap(nil).size()
	for range 2 * keptSlots {
		if k.memory <= k.limit {
			break
		}
		next := &k.near[k.hand/2%keptSlots]
		if k.hand%2 == 0 {
			next = &k.far[k.hand/2%keptSlots]
		}
		k.hand++
		k.memory -= next.Swap(nil).size()
	}
	slot.Store(f)
}

// size is what a form costs in a slot.
func (f *form) size() int {
	if f == nil {
		return 0
	}
	return 128 + len(f.src) + len(f.out)
}

// nearSlot is the slot of an address: memory is handed out in steps of at least 16 bytes, and the odd factor (2^64 divided by
// the golden ratio) spreads the steps over the upper bits.
func nearSlot(b []byte) uint64 {
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) >> 4 * 0x9E3779B97F4A7C15 >> (64 - keptBits)
}
