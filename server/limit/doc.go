// Package limit bounds how often and how many at once requests of a key are taken: NGINX's limit_req and limit_conn.
//
//	zone, err := limit.NewReqZone(limit.ZoneConfig{Name: "one", Size: 10 << 20, Key: limit.ByClient, Rate: 10_000}, nil)
//	req, err := limit.NewReq(limit.ReqConfig{Limits: []limit.ReqLimit{{Zone: zone, Burst: 20, NoDelay: true}}})
//	app.Use(req)
//
// # Terms
//
// A zone is the memory of one limit_req_zone or limit_conn_zone: it has a name, a key, and a state for each value of the key
// that was seen lately. The excess of a state is how full its leaky bucket is, in thousandths of a request; it drains at the
// rate of the zone, and each request adds 1000.
//
// # Who shares a zone
//
// All reactors and workers of a process do. Several processes do when each gives the zone the same memory with Attach: a file
// that all have mapped. There are no pointers in it, and its zeros are an empty zone; see layout. A zone of the next
// configuration goes on where it is given the memory of the one before, or in the same process by Adopt. Times are those of the
// system's monotonic clock, keys are hashed with a seed that lies in the memory, so all processes mean the same.
//
// # How much a zone holds
//
// The states of a zone of a given size are as many as NGINX keeps there: what its slab allocator has room for after its own
// needs, a state being 80 (limit_req) or 36 bytes (limit_conn) and the key, rounded up to a power of two. 1 MiB has room
// for 8095 states of limit_req with keys up to 48 bytes. When a limit_req zone is full, the state that was idle for longest
// goes; when a limit_conn zone is full, requests of further keys are refused. A key that several processes have requests of in
// progress takes a state of limit_conn for each of them, where NGINX has one. Memory is reserved at load and used as it is
// filled: about 0.8 of the size for limit_req, 1.5 for limit_conn.
//
// # Processes that end
//
// The lock of a shard is a word with the id of the process that holds it. When that process ends, whoever waits mends the shard:
// chains and lists are made anew from the states, so that nothing is lost but what the process was about to change. The requests
// of limit_conn in progress are kept for each process, so that Forget gives back those of one that has ended.
//
// # Invariants
//
// Keys of up to 40 bytes are compared byte by byte, longer ones by their SHA-256, whatever their hash, which is SipHash-1-3 with a
// random seed, so that nobody can aim at another's state. A zone of 2 MiB and more is cut into shards, each with its lock
// and its own order of idleness; a smaller one behaves in all as NGINX's. A request of several limits looks at all of them
// before it is counted in any; a state that other keys have pushed out meanwhile is not counted in (NGINX's stays).
package limit
