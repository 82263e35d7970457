package cache

import "time"

// Limits and defaults, in one place.
const (
	// DefaultMemory bounds the bytes of the memory tier of a zone.
	DefaultMemory = 64 << 20
	// DefaultEntryMemory is the most of a body in bytes that is kept in memory, and gathered there before it is written.
	// No entry takes more than a quarter of the memory of its shard.
	DefaultEntryMemory = 1 << 20
	// DefaultOpenFiles bounds the files that a zone keeps open.
	DefaultOpenFiles = 4096
	// DefaultQueueBytes bounds the bytes that wait for being written.
	DefaultQueueBytes = 64 << 20
	// DefaultInactive is how long an entry is kept that nobody asks for (NGINX inactive).
	DefaultInactive = 10 * time.Minute
	// DefaultFiles, DefaultSleep and DefaultThreshold are the pace of manager and loader (NGINX manager_files, manager_sleep,
	// manager_threshold, and those of the loader).
	DefaultFiles     = 100
	DefaultSleep     = 50 * time.Millisecond
	DefaultThreshold = 200 * time.Millisecond

	// keyCost is the part of keys_zone that one key takes.
	keyCost = 128
	// minKeysZone is the smallest keys_zone in bytes: two pages, as in NGINX.
	minKeysZone = 8192
	// maxShards is how many locks a large zone has; a shard has at least minShardKeys keys and minShardMemory bytes of memory, so
	// that a small zone is one list, in true order of use; and may have as many files open.
	maxShards      = 16
	minShardKeys   = 4096
	minShardMemory = 16 << 20
	minShardFiles  = 4
	// etagMax and varyMax are NGINX's NGX_HTTP_CACHE_ETAG_LEN and NGX_HTTP_CACHE_VARY_LEN, in bytes.
	etagMax = 128
	varyMax = 128
	// keyMax and headMax bound the text of a key and the head of an entry in bytes, in files as well: a header that says more is
	// none.
	keyMax  = 64 << 10
	headMax = 1 << 20
	// scratchKept is the most in bytes that a pooled Request keeps for the values of Vary.
	scratchKept = 16 << 10
	// maxOpens bounds how often one request opens files before it is a miss: main and secondary entry, each twice.
	maxOpens = 4
	// verifyMax is the most of a body in bytes whose checksum is checked when its file is opened.
	verifyMax = 8 << 20
	// chunkSize is the size in bytes of the pieces in which a large body goes to the disk.
	chunkSize = 256 << 10
	// entryOverhead is what an entry costs besides its bytes.
	entryOverhead = 512
	// forcedTries is how many entries in use are passed over when room is made (NGINX: 20).
	forcedTries = 20
	// verifyEvery is how often, in milliseconds, an entry that is served from memory is looked for on disk.
	verifyEvery = 10_000
	// rewriteEvery is how often, in milliseconds, a shard tries to write one that has no file; the same one every verifyEvery.
	rewriteEvery = 100
	// managerWait is the longest that the manager sleeps.
	managerWait = 10 * time.Second
)
