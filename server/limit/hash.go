package limit

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// ident is what a table knows a key by.
type ident struct {
	hash uint64
	size int32  // of the key
	key  []byte // the key, or the digest of one that is longer than inlineKey
}

// ident finds what a key is known by. It may write over the key.
func (t *table) ident(key []byte) ident {
	id := ident{size: int32(len(key)), key: key}
	if len(key) > inlineKey {
		digest := sha256.Sum256(key)
		id.key = append(key[:0], digest[:]...)
	}
	id.hash = siphash(t.seed[0], t.seed[1], id.key)
	return id
}

// siphash is SipHash-1-3 (Aumasson, Bernstein 2012): the hash has to be the same in all processes, and unknown to clients, so
// that they cannot aim at a chain.
func siphash(k0, k1 uint64, b []byte) uint64 {
	v0, v1, v2, v3 := k0^0x736f6d6570736575, k1^0x646f72616e646f6d, k0^0x6c7967656e657261, k1^0x7465646279746573
	last := uint64(len(b)) << 56
	for ; len(b) >= 8; b = b[8:] {
		m := binary.LittleEndian.Uint64(b)
		v3 ^= m
		v0, v1, v2, v3 = sipround(v0, v1, v2, v3)
		v0 ^= m
	}
	last |= tail(b)
	v3 ^= last
	v0, v1, v2, v3 = sipround(v0, v1, v2, v3)
	v0 ^= last
	v2 ^= 0xff
	for range 3 {
		v0, v1, v2, v3 = sipround(v0, v1, v2, v3)
	}
	return v0 ^ v1 ^ v2 ^ v3
}

// tail returns up to seven bytes as a number. The reads may overlap, where they agree.
func tail(b []byte) uint64 {
	switch n := len(b); {
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<(8*uint(n-4))
	case n > 0:
		return uint64(b[0]) | uint64(b[n/2])<<(8*uint(n/2)) | uint64(b[n-1])<<(8*uint(n-1))
	}
	return 0
}

func sipround(v0, v1, v2, v3 uint64) (uint64, uint64, uint64, uint64) {
	v0 += v1
	v2 += v3
	v1 = bits.RotateLeft64(v1, 13) ^ v0
	v3 = bits.RotateLeft64(v3, 16) ^ v2
	v0 = bits.RotateLeft64(v0, 32) + v3
	v2 += v1
	v1 = bits.RotateLeft64(v1, 17) ^ v2
	v3 = bits.RotateLeft64(v3, 21) ^ v0
	v2 = bits.RotateLeft64(v2, 32)
	return v0, v1, v2, v3
}
