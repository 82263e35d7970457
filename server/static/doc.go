// Package static answers with files: NGINX's static, index, autoindex, range, not-modified and gzip_static modules in one.
//
// # How a request is answered
//
//	reactor: path ──look up──▶ entry fresh? ──yes──▶ ready-made block (one send) · or head + sendfile
//	                              │ no
//	worker:                       └──▶ open beneath the root, stat, read if small ──▶ answer, and leave the entry for the reactor
//
// A reactor never opens, stats or lists: those may wait for a disk, so they happen on a worker (pipeline.ErrOffload). Each
// reactor has a cache of its own, so looking up takes no lock; a worker hands finished entries over through a small
// mailbox. An entry is trusted until the system tells of a change on disk (see watcher), and for Options.Revalidate at most: that
// is for the changes nobody tells of, and all there is where inotify is missing. With NGINX's open_file_cache a file is used for that time though
// it has changed (Options.Trust).
//
// Watching costs a request on a kept connection no system call and a few nanoseconds; one on a new connection, or behind another in one
// packet's read, a read of the empty descriptor (0.3 to 0.6 µs). Looking with FIONREAD for each request was measured at 0.5 µs, 4 % of a
// request for 1 KiB; a goroutine that reads the descriptor has a window in which the old file is served.
//
// # Small and large
//
// A file of up to 64 KiB is kept in memory, whole, with its head before it: the response is that one block, with the
// current Date written into it, in one send. Ranges of that size are sent from memory as well, of files of up to 256 KiB. A
// larger response goes by sendfile from an open descriptor that the cache and
// the responses share; it is closed when the last of them is done, so a file that is replaced while it is being sent
// stays the old one to its end. One that is truncated cuts the connection.
//
// # Response hooks
//
// Files are compressed and rewritten by Response hooks (package filter). They need the bytes, and there are no ranges of what
// they make: Options.Filtered asks them, and a file they will change is answered whole, from memory if it is kept there.
// With Response hooks no ready-made block is sent.
//
// # What a path can do
//
// The path was decoded and normalised once, by the parser; what names a file is that one value. It is opened beneath the
// root: with openat2(RESOLVE_BENEATH) the kernel refuses "..", absolute links and links that lead out; elsewhere os.Root
// does. Anything but regular files and directories is refused, opened without waiting (a FIFO would block), and odd
// but legal paths are 404, never 500.
package static
