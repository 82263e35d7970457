//go:build !linux

package loop

func tcpInfo(int) (TCPInfo, bool) { return TCPInfo{}, false }
