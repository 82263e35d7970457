package static

import "time"

// Limits and defaults of static files, in one place.
const (
	// smallFile is the most of a file in bytes that is sent from memory, with its head in one call. Beyond it the kernel
	// sends the file: measured at 100 KiB both cost the same, at 1 MiB copying costs 1.3 times as much.
	smallFile = 64 << 10
	// keptFile is the largest file that is kept in memory: more than is sent whole from there, for the sake of ranges.
	keptFile = 256 << 10
	// readAheadMax bounds the bytes of a large file that are fetched when it is opened.
	readAheadMax = 16 << 20
	// DefaultMemory bounds the bytes of small files that one reactor keeps.
	DefaultMemory = 64 << 20
	// DefaultEntries bounds the open files of one reactor (NGINX open_file_cache max=: off by default).
	DefaultEntries = 16384
	// DefaultRevalidate is how long an entry is trusted before the file is looked at again (NGINX open_file_cache_valid:
	// 60s). Changes are told by the system at once; this is for those it cannot see, and for systems without inotify.
	DefaultRevalidate = time.Second
	// MaxRanges bounds the ranges of one request; more are answered with the whole file (NGINX max_ranges: unlimited;
	// CVE-2011-3192 is why not).
	MaxRanges = 16
	// maxListing bounds the entries of a directory listing.
	maxListing = 50000
	// maxWatches bounds the directories that are watched (fs.inotify.max_user_watches: 8192 at least, shared with the user's other
	// processes). Files in further ones are trusted for Options.Revalidate.
	maxWatches = 4096
	// maxLinks bounds the symbolic links in a path, as the kernel does.
	maxLinks = 40
	// sweepMin is how many names are kept in the tree of the watcher before those that nothing needs are dropped.
	sweepMin = 1024
	// watchAgain is after how many seconds a watch that the kernel refused is tried again.
	watchAgain = 10
	// eventBuffer is the size in bytes of what one read of events takes.
	eventBuffer = 16 << 10
	// keyMax bounds the paths that are cached, so that a flood of long ones cannot fill the memory with keys.
	keyMax = 1024
)
