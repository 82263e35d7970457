package loop

import "golang.org/x/sys/unix"

func tcpInfo(fd int) (TCPInfo, bool) {
	i, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return TCPInfo{}, false
	}
	return TCPInfo{RTT: i.Rtt, RTTVar: i.Rttvar, SndCwnd: i.Snd_cwnd, RcvSpace: i.Rcv_space}, true
}
