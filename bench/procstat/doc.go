// Package procstat reads what Linux tells about the processes of a server: the CPU time of all their threads, their
// memory, and the state of the machine around them.
//
// CPU time comes from /proc/PID/task/TID/schedstat, the scheduler's own account in nanoseconds. /proc/PID/stat counts
// clock ticks (10 ms), too coarse for a slice of a second. The scheduler brings the account of a running thread up to
// date at least at each tick, so a reading is at most one tick (1 to 4 ms) old.
//
// A server is a tree of processes (nginx: a master and its workers), so every reading is a sum over [Tree]. Threads
// that have ended take their time with them; servers keep their threads while they are measured.
package procstat
