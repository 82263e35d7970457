// Package bench measures Wheelpit beside the servers that people use today, behind the command "wheelpit bench".
//
// The figure that counts is the server's CPU time per request, as a ratio to nginx in the same round. Requests per
// second on a small machine mostly tell how fast the load generator is; CPU time tells what a server costs.
//
//	Scenarios ──▶ for each: start the servers ──▶ compare their answers ──▶ warm up
//	                 ──▶ rounds: one slice of load on each server, the order reversed every round
//	                 ──▶ ratios within each round ──▶ medians and intervals ──▶ report
//
// # Words
//
// A scenario is one kind of work, a player is a server in it, a slice is some seconds of load on one player, a round is
// one slice of every player. The baseline is the player that ratios refer to, the target is our own server.
//
// # Why it can be trusted
//
//   - The servers have one CPU and the load another; a server's children inherit its CPU (package pin).
//   - All players of a scenario run at the same time, idle but for their own slice, and slices are interleaved, so a
//     machine that gets slower meets all of them. The order of the players is reversed every round.
//   - Before anything is measured, every player must give the expected status and bytes. During the slices every
//     status and length is checked.
//   - A slice with errors, or during which the hypervisor took more than 1 % of the time, does not count. A slice in
//     which the load was at its limit and the server was not, or in which the server had to wait for its CPU for more
//     than 5 % of the time, is marked, and counts only if all are like that.
//   - With Options.Control a second instance of the baseline runs along: what its ratio is away from 1 is noise.
//
// # Limits
//
// Linux only: it needs epoll, /proc and CPU affinity. Everything runs on loopback, where the kernel's work for a packet
// is charged to its sender; see package load. Closed-loop latencies at saturation are queueing times, not the server's:
// the open-loop scenario has honest ones.
//
// The packages below: load (generator, wrk), rival (the servers and their configurations), procstat and pin (what /proc
// and the scheduler know), stats (medians and intervals), report (JSON, text, HTML).
package bench
