package loop

// readiness is what the poller saw of a descriptor, the same on every system. It is a hint: everything it claims is
// confirmed by the system call that follows.
type readiness uint8

const (
	isReadable readiness = 1 << iota
	isWritable
	isHangup // the peer closed its sending side
	isError  // both directions are shut, or an error is pending
)
