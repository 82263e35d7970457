package upstream

// Hot: runs for every request; no allocation, no map, no defer.

import "net/netip"

// Request is what a group knows of one request. It is the caller's, pooled with its request: fill in what the methods of the
// group need, Pick, Done, and Reset before the next request. Only one goroutine may use it at a time, but for the queue, which
// hands it over by Granted; while it is Queued it must stay where it is. The bytes must stay valid until the last Done.
type Request struct {
	// Key is the value that methods hash and hash consistent take; without one they fall back to round robin.
	Key []byte
	// Client is the client's address, for ip_hash; the zero value for a unix socket.
	Client netip.Addr
	// Sticky is the first value of those that the sticky directive names that is not empty: the cookie, the route, or
	// the session (lookup=).
	Sticky []byte
	// Waiter is told when a queued request has its peer. Without one the request never waits.
	Waiter Waiter
	// LearnLater: sessions are learned by Learn alone, not by Header and Done; for who may know what a response creates only
	// after Done.
	LearnLater bool

	group *Group
	level *level // primary or backup
	set   *set   // that level is of
	tries int
	first [4]*Peer // tried
	more  []*Peer
	n     int
	full  bool // a peer was passed over only because it has MaxConns
	begun bool

	hint   sid    // what the request sticks to
	misses int    // of the hash and of random choices, over all tries
	rehash uint64 // how often the key was hashed
	hash   uint64 // of the method: the sum so far, or the place in the ring
	wait   bool   // counted as waiting by least_time's inflight
	told   bool   // Header has been called for this try
	link   link
}

// Reset readies r for the next request, and lets go of the peers it knew.
func (r *Request) Reset() {
	more := r.more[:0]
	clear(r.more)
	*r = Request{more: more}
}

// Tries is how many peers are worth trying from now on; a try under way counts until Done. At 0 the answer of the last one, whatever
// it is, is the client's. It is what NGINX calls the tries of a peer connection; proxy_next_upstream_tries bounds it further.
func (r *Request) Tries() int { return r.tries }

func (r *Request) hasTried(p *Peer) bool { return r.n > 0 && r.among(p) }

// among tells whether p is one of those that were tried.
func (r *Request) among(p *Peer) bool {
	for _, t := range r.first[:min(r.n, len(r.first))] {
		if t == p {
			return true
		}
	}
	for _, t := range r.more {
		if t == p {
			return true
		}
	}
	return false
}

func (r *Request) try(p *Peer) {
	if r.n < len(r.first) {
		r.first[r.n] = p
	} else {
		r.more = append(r.more, p)
	}
	r.n++
}

// untry forgets that p was tried, if it was the last.
func (r *Request) untry(p *Peer) {
	switch n := len(r.more); {
	case n > 0 && r.more[n-1] == p:
		r.more = r.more[:n-1]
	case n == 0 && r.n > 0 && r.first[r.n-1] == p:
		r.first[r.n-1] = nil
	default:
		return
	}
	r.n--
}

// sid is a copy of what names a peer.
type sid struct {
	n uint8
	b [maxRoute]byte
}

// set copies b; what is longer than any peer's is no one's.
func (s *sid) set(b []byte) {
	s.n = 0
	if len(b) <= len(s.b) {
		s.n = uint8(copy(s.b[:], b))
	}
}
