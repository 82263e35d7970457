// Package cache keeps responses, in memory and on disk: NGINX's proxy_cache_path and what stands behind proxy_cache, fastcgi_cache,
// uwsgi_cache and scgi_cache. It opens no socket and parses no response: a gateway asks it before it asks its upstream, and gives it
// what came back.
//
// # Terms
//
// A zone is one proxy_cache_path. A key is the text of proxy_cache_key; its MD5 sum names the file, as in NGINX. The head of an
// entry is whatever bytes the gateway wants to see again (the fields of the upstream); the zone does not read them. An entry is
// immutable: an update makes another one. The main entry of a key may vary: then the entries for other values of the request
// fields in Vary are found under a secondary sum, of the main sum and these values. An entry is fresh up to and including the
// second Valid, then stale. It is warm when it is in memory or its file is open, cold when only its place in the index is known.
//
// The memory tier is an extension: an entry of up to EntryMemory bytes is kept in memory besides its file, up to Memory bytes. A zone
// without a path has nothing else.
//
// # Life of a request
//
//	Reset ──▶ Lookup ─┬─ Hit ────────▶ send Entry ──────────────────────────────────▶ Release
//	            ▲ ▲   ├─ Expired ────▶ Decide: send stale, fetch behind it, or fetch ─┐
//	            │ │   ├─ Updating ───▶ Decide: send stale, or fetch ──────────────────┤
//	            │ │   ├─ Scarce ─────▶ fetch, store nothing ──────────────────────────│─▶ Release
//	            │ │   ├─ Miss ───────▶ Lock ─┬─ Filling ──────────────────────────────┤
//	            │ └───│─ Waker.Wake ◀────────┴─ Waiting                               │
//	            └─Open┴─ NeedsOpen (on a worker)                                      │
//	                                                                                  ▼
//	   304: Refresh ◀──────────────────────────── the upstream's answer ──▶ Begin ──▶ Write… ──▶ Commit or Abort ──▶ Release
//
// A Request is pooled with the gateway's own; it is used by one goroutine at a time.
//
// # What blocks
//
// Lookup, Lock, Begin, Write, Commit, Abort, Refresh and Release touch no file: they take the lock of one shard, for some hundred
// nanoseconds, and may run on a reactor. Open reads a file. Purge waits for files to be removed. All that changes files (writing,
// renaming, removing) is done by one goroutine of the zone, in order; what waits for it is bounded (QueueBytes), and a response
// that finds the queue full is not stored, or not stored on disk. An entry in memory that has no file for that, or because the disk
// was full, is written when it is asked for again, one after another, the same one every ten seconds. Settle waits for the goroutine.
//
// # Files
//
// A file is written under a temporary name beside its place and renamed when it is complete, so its name never leads to a part of
// it. It begins with a header of fixed size with lengths and checksums (see header.go); a file of another length, of another
// version, or with another checksum is no entry, and is removed. No file is synchronised: after a loss of power its checksums tell.
// The body of a file that is larger than verifyMax is checked for its length alone.
//
// # Invariants
//
//   - An entry is seen whole or not at all: readers have the old one or the new one.
//   - A key's entries are never served for another key with the same sum: the key is stored, and compared.
//   - At most one request at a time fills a locked key; every lock ends with Commit, Abort, Release or the lock's age.
//   - An I/O error loses the entry, never a response.
//   - A descriptor that is being sent is closed after it was sent.
//
// # Time
//
// now is in milliseconds since 1970 (UTC), and may be a cached clock. What is stored is in seconds, as in NGINX.
//
// # Limits
//
//	keys_zone                    one key for each 128 bytes (NGINX: about 8000 per megabyte, as well)
//	Memory                       64 MiB (NGINX: none; the page cache serves)
//	EntryMemory                  1 MiB
//	OpenFiles                    4096 (NGINX: open_file_cache, off)
//	QueueBytes                   64 MiB (NGINX writes on the worker)
//	ETag, Vary                   128 bytes each, as in NGINX: a longer ETag is not kept, a longer Vary not cached
//	Inactive                     10 minutes, as in NGINX
//
// # Where it differs from NGINX
//
// Temporary files always lie beside their entries (use_temp_path=off): across file systems a rename is a copy. A request that
// finds the zone full of entries in use is answered without the cache rather than with 500. Waiters of a lock are woken when it
// ends, rather than looking every 500 ms. Files of NGINX's own cache are removed by the loader as entries of another version are.
// The manager removes entries as soon as max_size is passed, rather than every 10 seconds; a zone that is full makes
// room for the new key there and then, so no watermark is kept below (NGINX's proxy_cache_manager.t counts files by its pace). A keys_zone
// has no overhead of a slab allocator: one of 16 KiB holds 128 keys. Purging, with purger=on and wildcards, is that of NGINX Plus, from its documentation, and at once.
//
// # Where the code is
//
// request.go, lock.go and open.go find entries; shard.go is the index; entry.go, key.go and header.go what an entry is, in memory
// and in its file; writer.go, spool.go and refresh.go make entries; disk.go is the goroutine that writes; loader.go, manager.go and
// purge.go care for the directory; freshness.go and stale.go say how long a response may be used; config.go and registry.go
// open zones and carry them over a reload.
package cache
