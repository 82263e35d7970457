package cache

import "sync/atomic"

// Status is how a response was come by: $upstream_cache_status.
type Status uint8

// The statuses of NGINX; StatusNone is that of a request that did not ask a cache.
const (
	StatusNone Status = iota
	StatusMiss
	StatusBypass
	StatusExpired
	StatusStale
	StatusUpdating
	StatusRevalidated
	StatusHit

	statuses = iota
)

var statusNames = [statuses]string{"", "MISS", "BYPASS", "EXPIRED", "STALE", "UPDATING", "REVALIDATED", "HIT"}

// String returns the value of the variable, empty for StatusNone.
func (s Status) String() string {
	if int(s) >= statuses {
		return ""
	}
	return statusNames[s]
}

// counter is padded, so that statuses do not share a cache line.
type counter struct {
	responses, bytes atomic.Int64
	_                [48]byte
}

// Account counts a response and the bytes of it. The zone does not know what became of a request; its gateway does.
func (z *Zone) Account(s Status, bytes int64) {
	if int(s) < statuses {
		z.stats[s].responses.Add(1)
		z.stats[s].bytes.Add(bytes)
	}
}

// Count is how many responses of a Status there were, and of how many bytes.
type Count struct{ Responses, Bytes int64 }

// Stats is the state of a zone, as in NGINX Plus' /http/caches.
type Stats struct {
	// Size is what all files take, in bytes of whole blocks; MaxSize their bound, math.MaxInt64 for none.
	Size, MaxSize int64
	// Cold is true while the loader runs.
	Cold bool
	// Keys is how many keys are in the index, MaxKeys their bound.
	Keys, MaxKeys int
	// Memory is what the memory tier holds in bytes, Open the files that are open, Queued the bytes that wait for the disk.
	Memory, Queued int64
	Open           int
	// Status has the counts of Account, by Status.
	Status [statuses]Count
}

// Stats returns the state of the zone.
func (z *Zone) Stats() Stats {
	st := Stats{Size: z.bytes.Load(), MaxSize: z.config.Load().MaxSize, Cold: z.cold.Load()}
	st.Keys, st.MaxKeys = z.keys()
	for i := range z.shards {
		s := &z.shards[i]
		s.mu.Lock()
		st.Memory += s.memory
		st.Open += s.files
		s.mu.Unlock()
	}
	for i := range z.stats {
		st.Status[i] = Count{z.stats[i].responses.Load(), z.stats[i].bytes.Load()}
	}
	z.disk.mu.Lock()
	st.Queued = z.disk.waiting
	z.disk.mu.Unlock()
	return st
}
