// Package load makes the requests of a benchmark and checks every answer.
//
// The generator is one thread on one CPU around one epoll: requests are rendered before the clock starts, answers are
// parsed in place, nothing is allocated while it measures. It must cost less per request than the server, or it would
// measure itself; [Result.CPU] tells what it did cost.
//
//	closed loop  each connection sends its next request when the answer to the last one is complete: saturation
//	open loop    requests have a time table (Plan.Rate), and latency counts from the time on the table, not from the
//	             time of sending, so that a stall of the server is seen by all requests that it delayed
//	             (what a closed loop hides is called coordinated omission)
//
// Connections are kept alive, or new for each request (Plan.Close): then the generator waits for the server's end of
// the stream and closes with a reset, which leaves neither side in TIME_WAIT, so the 28,000 ephemeral ports suffice.
//
// [Run] is the own generator, [RunWrk] drives wrk with the same [Plan] and gives the same [Result], as a second opinion
// by a tool that people know.
//
// # The client is part of the figure
//
// On loopback the kernel's work for a packet is charged to whoever sends it, so the server's CPU time for a large answer
// depends on how the client reads: with reads of 64 KiB the server is the slower side and does the receiver's protocol
// work too (nginx: 340 µs per MiB), with reads of 8 or 16 KiB the client's acknowledgements push the data out (100 µs).
// The generator reads 8 KiB at a time, as wrk does; compare figures of one generator only.
//
// Limits: HTTP/1.1, no TLS. Status and length of every answer are checked, not its bytes; package bench compares those
// before it measures.
package load
