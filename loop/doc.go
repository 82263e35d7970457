// Package loop is the multi-reactor: it moves bytes between sockets and protocols, and knows nothing of what they mean.
//
// A [Reactor] is one goroutine with one poller. It owns its connections, buffers, timers and listeners; nothing of it is
// shared, so nothing of it is locked. A [Loop] is a set of reactors. A [Protocol] turns the bytes of a connection into
// calls, once per event.
//
// # The life of a connection
//
//	accept ─▶ open ─▶ read ─▶ Protocol.Data ─▶ queue ─▶ one send at the end of the event ─▶ … ─▶ close ─▶ Protocol.Closed
//
// It is registered once, edge-triggered, for what is to be read, and for writable edges when it finds its socket full for the first
// time: one epoll_ctl in most lives. (Registered for both at once, a new connection had an event that told of an empty socket.)
// To stop reading is not to read (Pause). A short read means that the socket is drained, which spares the read that would say EAGAIN, unless the client
// has hung up. A small request costs two system calls, recv and send.
//
// # Who owns what
//
//	reactor:  read buffer, scratch output buffer, free lists    valid during one event
//	Conn:     unread input, out queue                           only while there is any: an idle connection holds no buffer
//	worker:   all of a Conn it was lent, see lend.go            from Lend to Return
//
//	writers of a Conn's input, queue and socket: 0 ≤ n ≤ 1, and it is the reactor exactly when the lent bit is clear
//
// A worker may read on one goroutine and write on another, wait until a deadline (deadline.go), and take the socket over for
// good (hijack.go). A connection at rest may move to another reactor (move.go).
//
// # The out queue
//
//	[ sent | owned bytes ][ borrowed ][ file range ][ owned, open | room ]      0 ≤ off ≤ len(buf) ≤ cap(buf)
//
// Segments leave in order; consecutive bytes in one sendmsg; a head goes with MSG_MORE before its file. What is only
// borrowed for the event (the scratch buffer, the caller's memory) is copied when the kernel does not take it at once. One
// event sends at most 2 MiB of files for a connection before the others get their turn.
//
// # Time
//
// Time-outs count ticks of 100 ms in a wheel with lazy deadlines, not one list per duration: pushing a deadline on, which
// every keep-alive request does, is one store. The wall clock and the Date line are refreshed by the same tick.
// Who needs more asks Reactor.Now, which reads the clock once for all events that were found together. A reactor with nothing to do ticks
// as well. (One that sleeps was tried: the time of a reactor is asked for by others too, by workers among them, and
// whoever waits for it while it stands still waits for ever. Ten wake-ups a second are the smaller price.)
//
// # Accepting
//
// How many connections an event accepts, and whether a fresh one is read before it is registered, follows what was found
// last. Doing both always cost 1.20 times on a load where the client is the bottleneck (the second accept4 and the early
// recv return EAGAIN); doing neither costs two system calls more in a storm. Out of descriptors or memory, accepting rests
// for 200 ms, and clients wait in the backlog: no reserve descriptor is kept to turn them away, since waiting is
// better. At MaxConns, connections on which nothing is going on make room for new ones (room.go); where there are none, a client is
// turned away, with an answer.
//
// # Shutting down
//
// Drain accepts whoever has connected, closes the listeners, and lets the protocols finish what is in progress. Idle
// connections stay open for half a second: a request may be on its way, and closing under it would reset it. Nor is one closed whose
// request has arrived and was not read yet, however late the reactor is.
//
// # Waiting
//
// On Linux the poller is our own (poller_linux.go). gnet's pkg/netpoll, which this loop began with, waits in a system call that Go's
// scheduler is told of: its monitor then takes the processor away after 20 µs and looks for such waits on a thread of its own. A
// download of 100 MiB that waits for its client cost 100 to 3,000 context switches where NGINX has 40. Parked in Go's own poller a
// reactor waits without any of that, and under load it waits quickly, in the system call and without a word to the scheduler. What
// that is worth is written beside the figures of bench/results. Tried and dropped: processors to spare (GOMAXPROCS above the number
// of reactors) instead of the rule that nobody waits quickly with a request on a worker, since what is handed to a worker then wakes
// another thread for it (1.37); a quick wait with an end of its own (epoll_pwait2), since setting the timer costs more than the
// wait saves.
//
// Our own part of a fixed answer is some 15 percent of its time; the rest is the kernel's. It has been counted instruction by instruction:
// 5,900 of them on 505 cache lines of code became 5,000 on 393. That was worth 1 percent where the processor has nothing else to do, and
// 5 percent where others share it and the caches. To read several connections one behind another, before any is served, was tried
// on top of that: our share fell from 15 to 12 percent, at the price that all memory that is valid for one event would have to be
// valid for a group of them; it was not worth that. Nor was a pause before each wait, so that more events come together, worth anything.
//
// io_uring was tried in C, beside the same loop on epoll, as ratios to NGINX: fixed answers on 64 connections 0.87 to 0.90 (epoll 0.86 to
// 0.88), on 512 0.82 to 0.88 (0.82), on one 0.96 to 1.12 (1.00). It saves system calls and pays for its completions what they cost.
//
// Since it is told when a batch of events is over, work left over needs no wake-up: a share of output that was used up, a descriptor
// to be closed. Events carry no generation, so a descriptor is only closed at once within its own event, otherwise after the
// batch.
//
// gnet's engine is not used: it has no writable callback, no sendfile, no way to stop reading, no timers, cannot adopt a
// listening socket, ends with an accept error such as EMFILE, and cannot drain.
//
// On systems other than Linux the same code runs on kqueue by pkg/netpoll, with ticks from a goroutine and files copied: enough
// to develop on.
package loop
