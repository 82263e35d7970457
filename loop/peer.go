package loop

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// peerAddr is a client's address in 20 bytes, so that an idle connection stays small.
type peerAddr struct {
	ip   [16]byte
	port uint16
	fam  uint8 // 0: none (a unix socket), 4, 6
}

func (p *peerAddr) addrPort() netip.AddrPort {
	switch p.fam {
	case 4:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(p.ip[:4])), p.port)
	case 6:
		return netip.AddrPortFrom(netip.AddrFrom16(p.ip), p.port)
	}
	return netip.AddrPort{}
}

// peerAt is the peerAddr of an address, none for the zero value.
func peerAt(a netip.AddrPort) (p peerAddr) {
	switch addr := a.Addr().Unmap(); {
	case addr.Is4():
		ip := addr.As4()
		copy(p.ip[:], ip[:])
		p.port, p.fam = a.Port(), 4
	case addr.Is6():
		p.ip, p.port, p.fam = addr.As16(), a.Port(), 6
	}
	return p
}

// peerOf converts the address that x/sys returns.
func peerOf(sa unix.Sockaddr) (p peerAddr) {
	switch a := sa.(type) {
	case *unix.SockaddrInet4:
		copy(p.ip[:], a.Addr[:])
		p.port, p.fam = uint16(a.Port), 4
	case *unix.SockaddrInet6:
		p.ip, p.port, p.fam = a.Addr, uint16(a.Port), 6
	}
	return p
}
