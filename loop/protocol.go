package loop

import "errors"

// Protocol is what a connection speaks: HTTP/1 today, anything else that turns bytes into bytes tomorrow. Its methods
// are called once per event by the reactor that owns the connection, never while the connection is lent to a worker.
type Protocol interface {
	// Data hands over all unread input and returns how many bytes were consumed. in is valid until Data returns or,
	// when c is closed in it, until Closed returns; what was not consumed is kept and handed over again, with what follows it.
	// After Pause, Data is not called until Resume.
	Data(c *Conn, in []byte) int
	// EOF tells that the client will send nothing more; it may still be reading (half-close, RFC 9112 section 9.6).
	EOF(c *Conn)
	// Drained tells that the out queue, which had been blocked by a slow client, is empty, or, when c is paused, fell to
	// LowWater, or that a Pace is over. The time-out is then SendTimeout's: set the one that fits.
	Drained(c *Conn)
	// Timeout tells that the time-out set last has passed; kind is what SetTimeout was given, from 1 to 252. It is the one
	// method that may be called while c is lent, when only SetTimeout, AwaitsInput, AwaitsOutput, ExpireRead, Lent and Abort may be used.
	Timeout(c *Conn, kind uint8)
	// Idle tells whether nothing is going on: no request is half read or half answered, so that a server which shuts
	// down may close the connection.
	Idle(c *Conn) bool
	// Reclaimed tells that a lent connection is back and there is something to do: input waits, output is
	// left, or the borrower asked for it.
	Reclaimed(c *Conn)
	// Closed is the last call. The connection must not be touched after it returns.
	Closed(c *Conn, err error)
}

var (
	// ErrClosed tells that the connection is closed or its client is gone.
	ErrClosed = errors.New("loop: connection closed")
	// ErrTimeout tells that a time-out ended the connection.
	ErrTimeout = errors.New("loop: timed out")
	// ErrTruncated tells that a file became shorter while it was being sent. The connection is cut, never padded.
	ErrTruncated = errors.New("loop: file truncated while sending")
	// ErrInputLimit tells that a protocol left more input unread than the loop keeps.
	ErrInputLimit = errors.New("loop: unread input over the limit")
	// ErrDraining tells that the server is shutting down.
	ErrDraining = errors.New("loop: shutting down")
	// ErrPanic tells that a callback panicked; the panic was logged.
	ErrPanic = errors.New("loop: callback panicked")
)
