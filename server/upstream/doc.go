// Package upstream is NGINX's upstream block as a library: groups of servers, and which of them answers a request. It opens no
// socket and knows nothing of HTTP: who carries requests asks it for a peer before each try, and tells how the try ended.
//
//	g, err := upstream.New(upstream.Config{Name: "backend", Servers: []upstream.ServerConfig{
//		{Address: "10.0.0.1:8080", Weight: 5}, {Address: "10.0.0.2:8080", Backup: true},
//	}})
//	var r upstream.Request                 // pooled with the request; Reset before the next
//	for p, v := g.Pick(&r, now); v == upstream.Picked; p, v = g.Pick(&r, now) {
//		failed := try(p.Network(), p.Addr())
//		g.Done(&r, p, upstream.Outcome{Failed: failed}, now)
//		if !failed || r.Tries() == 0 {
//			break
//		}
//	}
//
// # Terms
//
// A group is one upstream block. A server is one server directive; a peer is one address of it. The primary peers answer
// as long as one of them can; then the backup peers do. A peer fails when a try with it fails; after MaxFails failures within
// FailTimeout it is unavailable for FailTimeout, then one request at a time tries it again. A peer that is down gets no
// request, one that drains only those that stick to it, one that is unhealthy (so says an active check) none.
//
// # Life of a request
//
//	         ┌───────────── Queued ──▶ Waiter.Granted ─┐
//	Pick ────┤                                         ▼
//	  ▲      ├───────────── Picked ────────────────▶ try ──▶ Header ──▶ Done ──▶ Tries() > 0: may Pick again
//	  │      └───────────── NoLive ──▶ 502                                │
//	  └───────────────────────────────────────────────────────────────────┘
//
// Every peer that was picked or granted is given back by exactly one Done.
//
// # Time
//
// now is always in milliseconds since 1970 (UTC); it may be a cached clock. NGINX counts fail_timeout in whole seconds, and so a
// peer is unavailable for up to one second longer there.
//
// # Invariants
//
//   - A peer's active requests are never negative and never more than its MaxConns.
//   - The method sees the same peers in the same order as NGINX's, and so chooses the same: smooth weighted round robin with
//     effective weights, hashes, the ring of consistent hashing. What NGINX draws at random is drawn at random here.
//   - One lock per group is held for a few hundred nanoseconds, for a time proportional to the number of peers; nothing
//     blocks, or allocates, under it. What takes longer when a group is changed (sorting a ring) happens outside of it.
//   - The peers of a group are a list that is never changed, only replaced. A peer that was removed lives until its requests
//     are done.
//   - Groups that adopted each other's peers over a reload share one lock.
//
// # Where it differs from NGINX
//
// A request that was begun before the peers changed keeps trying; NGINX answers 502 then. That a connection which was kept
// for later is found closed is no failure of its peer. slow_start, queue, active health and changes at run time are those of
// NGINX Plus, from its documentation. That all peers are live again as soon as all have failed is what old versions of NGINX did; it
// is not done here either. Weights are at most 65536.
//
// # Where the code is
//
// group.go is the walk from Pick to Done. roundrobin.go, least.go, leasttime.go, hash.go, ring.go and random.go are the methods;
// sticky.go and sessions.go what makes a client stay with its peer; queue.go the requests that wait. directives.go and new.go make a
// group; set.go is its list of peers, edit.go changes it, adopt.go carries it over a reload, status.go shows it.
package upstream
