package upstream

// Hot: hashConsistent and findPoint run for every request; no allocation, no map, no defer. newRing runs when peers change.

import (
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"unique"
)

// point is a place on the ring that belongs to a server.
type point struct {
	hash uint32
	host unique.Handle[string]
}

// pointsPerWeight is how many points a server has for each unit of its weight.
const pointsPerWeight = 160

// newRing is the ring of Cache::Memcached::Fast, as in ngx_http_upstream_hash_module.c: crc32(host \0 port previous hash).
// Points of equal hashes are the first server's.
func newRing(peers []*Peer) []point {
	var ring []point
	for _, p := range peers {
		hostname, port := hashedParts(p.server)
		base := crc32.ChecksumIEEE([]byte(hostname + "\x00" + port))
		var previous [4]byte
		for range p.weight * pointsPerWeight {
			h := crc32.Update(base, crc32.IEEETable, previous[:])
			binary.LittleEndian.PutUint32(previous[:], h)
			ring = append(ring, point{h, p.host})
		}
	}
	slices.SortStableFunc(ring, func(a, b point) int { return cmp.Compare(a.hash, b.hash) })
	return slices.CompactFunc(ring, func(a, b point) bool { return a.hash == b.hash })
}

// findPoint returns the index of the first point at or behind the hash of key; it may be one behind the last.
func findPoint(ring []point, key []byte) uint64 {
	hash := update(0, key)
	low, high := 0, len(ring)
	for low < high {
		if mid := (low + high) / 2; ring[mid].hash < hash {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return uint64(low)
}

// hashConsistent walks the ring from the point of the key to a server that has a peer to ask; its peers take turns.
func hashConsistent(g *Group, r *Request, l *level, now int64) *Peer {
	if len(l.ring) == 0 || l.single || len(r.Key) == 0 || r.misses > maxMisses {
		return roundRobin(g, r, l, now)
	}
	p := l.bySID(r, now)
	for p == nil {
		p = l.turn(l.ring[r.hash%uint64(len(l.ring))].host, r, now)
		if p == nil {
			r.hash++
			if r.misses++; r.misses > maxMisses {
				return roundRobin(g, r, l, now)
			}
		}
	}
	p.take(r, now)
	return p
}

// turn chooses by round robin among the peers of one server.
func (l *level) turn(h unique.Handle[string], r *Request, now int64) *Peer {
	best, total := (*Peer)(nil), 0
	for _, p := range l.peers {
		if p.host != h || !p.eligible(r, now) {
			continue
		}
		share := p.share(now)
		p.current += share
		total += share
		if best == nil || p.current > best.current {
			best = p
		}
	}
	if best != nil {
		best.current -= total
	}
	return best
}
