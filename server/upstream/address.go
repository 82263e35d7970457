package upstream

import (
	"fmt"
	"net/netip"
	"strings"
)

// address is where a peer is.
type address struct {
	network string // "tcp" or "unix"
	dial    string
	name    string // that NGINX logs
	ip      netip.AddrPort
}

func parseAddr(text string) (address, error) {
	if path, ok := strings.CutPrefix(text, "unix:"); ok {
		if path == "" {
			return address{}, fmt.Errorf("no path in the unix domain socket %q", text)
		}
		return address{network: "unix", dial: path, name: text}, nil
	}
	ip, err := netip.ParseAddrPort(text)
	if err != nil {
		return address{}, fmt.Errorf("invalid address %q", text)
	}
	return address{"tcp", ip.String(), ip.String(), ip}, nil
}

// literal makes an address of what a server directive says when no name has to be resolved for it. The port is 80 when none
// is given.
func literal(address string) (text string, ok bool) {
	if strings.HasPrefix(address, "unix:") {
		return address, true
	}
	if ap, err := netip.ParseAddrPort(address); err == nil {
		return ap.String(), true
	}
	bare := address
	if strings.HasPrefix(bare, "[") && strings.HasSuffix(bare, "]") {
		bare = bare[1 : len(bare)-1]
	}
	ip, err := netip.ParseAddr(bare)
	if err != nil {
		return "", false
	}
	return netip.AddrPortFrom(ip, 80).String(), true
}

// hashedParts splits a server's name as the ring of consistent hashing does: what follows the last colon is the port if it
// is digits only.
func hashedParts(server string) (host, port string) {
	if len(server) >= 5 && strings.EqualFold(server[:5], "unix:") {
		return server[5:], ""
	}
	for i := len(server) - 1; i >= 0; i-- {
		switch c := server[i]; {
		case c == ':':
			return server[:i], server[i+1:]
		case c < '0' || c > '9':
			return server, ""
		}
	}
	return server, ""
}
