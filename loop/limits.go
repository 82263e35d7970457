package loop

import "time"

// Limits and tunables of the loop, in one place. NGINX's word and default stand beside ours where it has one.
const (
	// readBuffer is the size of a reactor's shared read buffer in bytes: one recv takes at most this much.
	// NGINX reads into client_header_buffer_size (1 KiB) and 8 KiB buffers, one system call each.
	readBuffer = 64 << 10
	// readPerEvent bounds the bytes taken from one connection before the others get their turn.
	readPerEvent = 256 << 10
	// onePacket is the length in bytes that surely comes in one packet: the least a path carries in practice (IPv6's 1280
	// without the headers).
	onePacket = 1220
	// inputMax bounds the unread input a connection may keep. A protocol consumes or refuses long before; reaching
	// it closes the connection.
	inputMax = 256 << 10

	// pollEvents is how many events one wait returns (NGINX epoll_events: 512).
	pollEvents = 256
	// quickTurns is the number of waits in a tick from which on they are quick (see poller), and parkEvery is how many of them let
	// Go's poller have a look.
	quickTurns = 500
	parkEvery  = 64
	// quickPause is the number of ticks without quick waits after one that lasted too long, at first and at most.
	quickPause    = 10
	quickPauseMax = 3000

	// scratchSize is the size of a reactor's shared output buffer: responses to one read are gathered here.
	scratchSize = 64 << 10
	// DefaultSendChunk bounds the file bytes sent for one connection before the others get their turn
	// (NGINX sendfile_max_chunk: 2m).
	DefaultSendChunk = 2 << 20
	// copyFile is the longest range of a file that is copied behind its head rather than sent by the kernel.
	copyFile = 32 << 10
	// gatherMax is how many byte segments one sendmsg takes (NGINX: 64 iovecs on the stack).
	gatherMax = 16

	// HighWater is the number of queued output bytes at which a protocol should stop producing; it is told by
	// Drained when the queue has fallen to LowWater (NGINX: proxy_busy_buffers_size and postpone_output play this part).
	HighWater = 256 << 10
	// LowWater is the queue length in bytes at which Drained is called after a backlog.
	LowWater = 32 << 10

	// acceptPerEvent bounds the connections accepted in one event of one listener (NGINX multi_accept off: 1).
	acceptPerEvent = 32
	// acceptGrow is after how many events in a row that found all they asked for the number is doubled.
	acceptGrow = 8
	// acceptPause is how long a listener rests after EMFILE, ENFILE, ENOBUFS or ENOMEM (NGINX: 500 ms).
	acceptPause = 200 * time.Millisecond

	// logEvery bounds the complaints about failing accepts of one listener.
	logEvery = time.Second

	// Tick is the resolution of every time-out.
	Tick = 100 * time.Millisecond
	// wheelSlots is the number of ticks the timer wheel spans (51.2 s); a later deadline is put in again when its
	// slot comes round.
	wheelSlots = 512

	// lingerTime bounds how long a closing connection reads and drops what the client still sends (NGINX lingering_time: 30 s),
	// lingerIdle how long it waits for more of it (lingering_timeout: 5 s).
	lingerTime = 30 * time.Second
	lingerIdle = 5 * time.Second
	// resetTime bounds how long a connection whose end is a reset waits for the client to take what was sent (NGINX: none, it ends
	// such a connection in order).
	resetTime = 30 * time.Second

	// drainGrace is how long an idle connection stays open after Drain began, so that a request which is already on
	// its way is answered and not reset.
	drainGrace = 500 * time.Millisecond

	// roomAtOnce is how many resting connections are closed at most when there are MaxConns (NGINX: 32).
	roomAtOnce = 32

	// connSlab is how many connection records are allocated at once.
	connSlab = 64

	// DefaultBacklog is the listen(2) backlog (NGINX: 511 on Linux).
	DefaultBacklog = 511
	// DefaultMaxConns bounds the connections of one reactor (NGINX worker_connections: 512).
	DefaultMaxConns = 1 << 20
)
