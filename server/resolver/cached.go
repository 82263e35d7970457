// Hot: runs for every request to a name that is resolved while the server runs; no allocation.

package resolver

import (
	"net/netip"
	"time"
)

// maxName is the length of the longest name, without the last dot (RFC 1035 section 2.3.4).
const maxName = 253

// Cached returns the addresses of name if they are known, from a random one on; they are shared and must not be changed.
// Upper case and a last dot do not matter.
func (r *Resolver) Cached(name []byte, now time.Time) ([]netip.Addr, bool) {
	var room [maxName + 1]byte
	if len(name) > len(room) {
		return nil, false
	}
	lower := room[:copy(room[:], name)]
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c | 0x20
		}
	}
	if n := len(lower); n > 0 && lower[n-1] == '.' {
		lower = lower[:n-1]
	}
	r.cache.mu.RLock()
	e := r.cache.entries[key{hosts, string(lower)}]
	r.cache.mu.RUnlock()
	if e == nil || !now.Before(e.valid) {
		return nil, false
	}
	return e.rotated(), true
}
