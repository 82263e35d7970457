package upstream

import (
	"fmt"
	"net/netip"
	"strings"
)

// parseAddr returns the network and what to dial of an address, and the name that NGINX logs it by.
func parseAddr(text string) (network, dial, name string, err error) {
	if path, ok := strings.CutPrefix(text, "unix:"); ok {
		if path == "" {
			return "", "", "", fmt.Errorf("no path in the unix domain socket %q", text)
		}
		return "unix", path, text, nil
	}
	ap, err := netip.ParseAddrPort(text)
	if err != nil {
		return "", "", "", fmt.Errorf("invalid address %q", text)
	}
	return "tcp", ap.String(), ap.String(), nil
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
