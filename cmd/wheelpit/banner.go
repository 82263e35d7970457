package main

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"

	"github.com/wheelpit/wheelpit/server"
)

// printBanner tells what is served and under which URLs it can really be reached.
func printBanner(w io.Writer, dir string, s *server.Server) {
	what := "a welcome page (give a directory to serve its files)"
	if dir != "" {
		what = dir
	}
	loops := "1 reactor"
	if n := s.Reactors(); n != 1 {
		loops = fmt.Sprintf("%d reactors", n)
	}
	fmt.Fprintf(w, "wheelpit/%s serves %s with %s\n\n", version, what, loops)
	for _, addr := range s.Addrs() {
		for _, url := range urls(addr, interfaceAddrs) {
			fmt.Fprintf(w, "  %s\n", url)
		}
	}
	fmt.Fprintf(w, "\n  Ctrl-C to stop\n\n")
}

// urls returns the URLs of a bound address. A wildcard is reached by every address of the machine.
func urls(addr string, addrs func() []netip.Addr) []string {
	if strings.HasPrefix(addr, "unix:") {
		return []string{"http+" + addr}
	}
	ap, err := netip.ParseAddrPort(addr)
	if err != nil {
		return []string{addr}
	}
	if !ap.Addr().IsUnspecified() {
		return []string{"http://" + ap.String() + "/"}
	}
	var out []string
	for _, ip := range addrs() {
		if ip.Is4() == ap.Addr().Is4() && !ip.IsLinkLocalUnicast() {
			out = append(out, "http://"+netip.AddrPortFrom(ip, ap.Port()).String()+"/")
		}
	}
	return out
}

// interfaceAddrs returns the addresses of this machine, loopback first.
func interfaceAddrs() []netip.Addr {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var loopback, others []netip.Addr
	for _, a := range list {
		p, err := netip.ParsePrefix(a.String())
		switch {
		case err != nil:
		case p.Addr().IsLoopback():
			loopback = append(loopback, p.Addr())
		default:
			others = append(others, p.Addr())
		}
	}
	return append(loopback, others...)
}
