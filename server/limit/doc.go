// Package limit bounds how often and how many at once requests of a key are taken: NGINX's limit_req and limit_conn.
//
//	zone, err := limit.NewReqZone(limit.ZoneConfig{Name: "one", Size: 10 << 20, Key: limit.ByClient, Rate: 10_000}, nil)
//	req, err := limit.NewReq(limit.ReqConfig{Limits: []limit.ReqLimit{{Zone: zone, Burst: 20, NoDelay: true}}})
//	app.Use(req)
//
// # Terms
//
// A zone is the memory of one limit_req_zone or limit_conn_zone: it has a name, a key, and a state for each value of the key
// that was seen lately. All reactors and workers share it. The excess of a state is how full its leaky bucket is, in
// thousandths of a request; it drains at the rate of the zone, and each request adds 1000.
//
// # How much a zone holds
//
// The states of a zone of a given size are as many as NGINX keeps there: what its slab allocator has room for after its own
// needs, a state being 80 (limit_req) or 36 bytes (limit_conn) and the key, rounded up to a power of two. 1 MiB has room
// for 8095 states of limit_req with keys up to 48 bytes. When a limit_req zone is full, the state that was idle for longest
// goes; when a limit_conn zone is full, requests of further keys are refused. Memory is reserved at load and used as it is
// filled: about 0.8 of the size for limit_req, 1.5 for limit_conn.
//
// # Invariants
//
// Keys are compared byte by byte, whatever their hash, which is seeded, so that nobody can aim at another's state. A zone of
// 2 MiB and more is cut into shards, each with its lock and its own order of idleness; a smaller one behaves in all as
// NGINX's. A state that a request is about to be counted in is pinned: it is not forgotten before that.
//
// # Limits
//
// Zones belong to a process. Several worker processes count on their own, where NGINX's share their memory.
package limit
