package loop

// TCPInfo is what the kernel tells of a TCP connection (tcp(7), struct tcp_info).
type TCPInfo struct {
	RTT, RTTVar uint32 // the smoothed round trip time and its mean deviation, in microseconds
	SndCwnd     uint32 // the congestion window, in segments
	RcvSpace    uint32 // the size that the receive buffer is tuned to, in bytes
}

// TCPInfo asks the kernel for the counters of c; ok is false where there are none: a unix socket, a connection that was taken
// over, a system other than Linux. It costs one system call. The owner of c may call it until Protocol.Closed returns.
func (c *Conn) TCPInfo() (info TCPInfo, ok bool) {
	if c.unix || c.Hijacked() {
		return info, false
	}
	return tcpInfo(int(c.fd))
}
