package upstream

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"hash/crc32"
	"strconv"
)

// maxMisses is how many unusable peers a hash or a random choice may come upon, in all tries of a request, before round
// robin chooses.
const maxMisses = 20

// ipHashStart is what hashes of addresses begin with.
const ipHashStart = 89

// hashKey is the method of Cache::Memcached, as in ngx_http_upstream_hash_module.c: the sum of
// (crc32([rehash] key) >> 16) & 0x7fff, with rehash 1, 2, … written before the key after each miss.
func hashKey(g *Group, r *Request, l *level, now int64) *Peer {
	if len(l.peers) < 2 || len(r.Key) == 0 || r.misses > maxMisses {
		return roundRobin(g, r, l, now)
	}
	p := l.bySID(r, now)
	for p == nil {
		r.hash += uint64(rehashed(r.rehash, r.Key))
		r.rehash++
		if q := l.at(uint32(r.hash % uint64(l.total))); q.eligible(r, now) {
			p = q
		} else if r.misses++; r.misses > maxMisses {
			return roundRobin(g, r, l, now)
		}
	}
	p.take(r, now)
	return p
}

// rehashed returns the hash of n and key; n is left out when it is 0.
func rehashed(n uint64, key []byte) uint32 {
	var crc uint32
	if n > 0 {
		var digits [20]byte
		crc = update(0, strconv.AppendUint(digits[:0], n, 10))
	}
	return update(crc, key) >> 16 & 0x7fff
}

// update is crc32.Update for short keys: its table is known not to keep what it is given, so that digits stay on the stack.
func update(crc uint32, b []byte) uint32 {
	crc = ^crc
	for _, c := range b {
		crc = crc32.IEEETable[byte(crc)^c] ^ crc>>8
	}
	return ^crc
}

// ipHash is ngx_http_upstream_ip_hash_module.c: the first three octets of an IPv4 address or all of an IPv6 address, and again of
// what came out after each miss.
func ipHash(g *Group, r *Request, l *level, now int64) *Peer {
	if len(l.peers) < 2 || r.misses > maxMisses {
		return roundRobin(g, r, l, now)
	}
	p := l.bySID(r, now)
	hash := uint32(r.hash)
	for p == nil {
		hash = hashClient(hash, r)
		if q := l.at(hash % uint32(l.total)); q.eligible(r, now) {
			p = q
		} else if r.misses++; r.misses > maxMisses {
			return roundRobin(g, r, l, now)
		}
	}
	r.hash = uint64(hash)
	p.take(r, now)
	return p
}

// hashClient mixes the client's address into hash. A client of a unix socket is 0.0.0.
func hashClient(hash uint32, r *Request) uint32 {
	if r.Client.Is6() {
		for _, b := range r.Client.As16() {
			hash = (hash*113 + uint32(b)) % 6271
		}
		return hash
	}
	var octets [4]byte
	if r.Client.Is4() {
		octets = r.Client.As4()
	}
	for _, b := range octets[:3] {
		hash = (hash*113 + uint32(b)) % 6271
	}
	return hash
}
