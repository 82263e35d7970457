package realip

// Hot: runs for every address of a list; what is no address may allocate.

import (
	"bytes"
	"net/netip"
	"unsafe"
)

// maxAddr is the length of the longest address, an IPv4 one in IPv6 with all its zeros.
const maxAddr = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")

// parseAddrPort reads "address", "[address]", "address:port" or "[address]:port" (ngx_parse_addr_port). The port is 0 when
// there is none.
func parseAddrPort(b []byte) (netip.AddrPort, bool) {
	if a, ok := parseAddr(b); ok {
		return netip.AddrPortFrom(a, 0), true
	}
	var host, port []byte
	if len(b) > 0 && b[0] == '[' {
		i := bytes.IndexByte(b, ']')
		if i < 0 {
			return netip.AddrPort{}, false
		}
		if host, port = b[1:i], b[i+1:]; len(port) == 0 {
			a, ok := parseAddr(host)
			return netip.AddrPortFrom(a, 0), ok
		}
		if port[0] != ':' {
			return netip.AddrPort{}, false
		}
		port = port[1:]
	} else {
		i := bytes.IndexByte(b, ':')
		if i < 0 {
			return netip.AddrPort{}, false
		}
		host, port = b[:i], b[i+1:]
	}
	n, ok := parsePort(port)
	if !ok {
		return netip.AddrPort{}, false
	}
	a, ok := parseAddr(host)
	return netip.AddrPortFrom(a, n), ok
}

// parsePort reads a decimal number from 1 to 65535.
func parsePort(b []byte) (uint16, bool) {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n = n*10 + int(c-'0'); n > 65535 {
			return 0, false
		}
	}
	return uint16(n), n > 0
}

// parseAddr reads an address without a zone. Most of what is none is told by its bytes, without the error that net/netip
// would allocate.
func parseAddr(b []byte) (netip.Addr, bool) {
	if len(b) < 2 || len(b) > maxAddr {
		return netip.Addr{}, false
	}
	dots, colons := 0, 0
	for _, c := range b {
		switch {
		case c == '.':
			dots++
		case c == ':':
			colons++
		case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'f':
		default:
			return netip.Addr{}, false
		}
	}
	if colons < 2 && (colons != 0 || dots != 3) || dots != 0 && dots != 3 {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(unsafe.String(&b[0], len(b))) // an address without a zone keeps nothing of its text
	return a, err == nil
}
