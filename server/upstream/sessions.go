package upstream

// Hot: runs for every request of a group that learns; no allocation once the zone is full, no map, no defer.

import (
	"crypto/md5"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"sync"
)

// sessions are those that sticky learn has seen, in the order of their last use. The number of them is bounded; the one that was
// not used for longest makes room.
type sessions struct {
	lock    sync.Mutex
	seed    maphash.Seed // of the buckets, so that nobody can fill one of them
	limit   int
	buckets []int32   // the first entry of each hash, or 0
	entries []session // entries[0] is the head of the list: its next is the newest, its previous the oldest
}

// sessionKey stands for the bytes that name a session: their MD5, as in NGINX, which is the same in every process.
type sessionKey [2]uint64

type session struct {
	key            sessionKey
	sid            sid
	last           int64 // ms
	next, previous int32
	chain          int32 // the next entry of the bucket, or 0
}

// sessionSize is what NGINX's slab allocator takes for a session on 64-bit machines.
const sessionSize = 256

func newSessions(size int) *sessions {
	s := &sessions{seed: maphash.MakeSeed(), limit: size / sessionSize, entries: make([]session, 1)}
	s.buckets = make([]int32, 1<<bits.Len(uint(s.limit)))
	return s
}

func keyOf(id []byte) sessionKey {
	sum := md5.Sum(id)
	return sessionKey{binary.LittleEndian.Uint64(sum[:8]), binary.LittleEndian.Uint64(sum[8:])}
}

func (s *sessions) bucket(key *sessionKey) *int32 {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], key[0])
	binary.LittleEndian.PutUint64(b[8:], key[1])
	return &s.buckets[maphash.Bytes(s.seed, b[:])&uint64(len(s.buckets)-1)]
}

// find returns the entry of a session, or 0.
func (s *sessions) find(key *sessionKey) int32 {
	i := *s.bucket(key)
	for i != 0 && s.entries[i].key != *key {
		i = s.entries[i].chain
	}
	return i
}

// lookup sets what the session sticks to.
func (s *sessions) lookup(id []byte, now, timeout int64, to *sid) {
	key := keyOf(id)
	s.lock.Lock()
	if i := s.find(&key); i != 0 && now-s.entries[i].last < timeout {
		*to = s.entries[i].sid
	}
	s.lock.Unlock()
}

// learn makes the session stick to p, when it is known or create says so, and counts it as used.
func (s *sessions) learn(id []byte, p *Peer, create bool, now, timeout int64) {
	key := keyOf(id)
	s.lock.Lock()
	i := s.find(&key)
	switch {
	case i != 0 && (create || now-s.entries[i].last < timeout):
		s.unlink(i)
	case create:
		i = s.place(&key)
	default:
		i = 0
	}
	if e := &s.entries[i]; i != 0 {
		e.sid.n = uint8(copy(e.sid.b[:], p.sid))
		e.last = now
		s.link(i)
	}
	s.lock.Unlock()
}

// place returns an entry for a new session: one that was never used, or the oldest one's.
func (s *sessions) place(key *sessionKey) int32 {
	i := int32(len(s.entries))
	if len(s.entries) <= s.limit {
		s.entries = append(s.entries, session{})
	} else {
		i = s.entries[0].previous
		s.forget(i)
	}
	b := s.bucket(key)
	s.entries[i].key, s.entries[i].chain, *b = *key, *b, i
	return i
}

// link makes entry i the newest.
func (s *sessions) link(i int32) {
	e, head := &s.entries[i], &s.entries[0]
	e.next, e.previous = head.next, 0
	s.entries[head.next].previous = i
	head.next = i
}

func (s *sessions) unlink(i int32) {
	e := &s.entries[i]
	s.entries[e.previous].next = e.next
	s.entries[e.next].previous = e.previous
}

// forget takes entry i out of the list and of its bucket.
func (s *sessions) forget(i int32) {
	s.unlink(i)
	at := s.bucket(&s.entries[i].key)
	for *at != i {
		at = &s.entries[*at].chain
	}
	*at = s.entries[i].chain
}

// learn keeps what the response of p says of its session (NGINX: ngx_http_upstream_sticky_learn_peer).
func (g *Group) learn(r *Request, p *Peer, created []byte, now int64) {
	id, create := created, true
	if len(id) == 0 {
		id, create = r.Sticky, false
	}
	if len(id) > 0 {
		g.sessions.learn(id, p, create, now, g.sticky.Timeout.Milliseconds())
	}
}
