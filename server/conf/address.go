package conf

import (
	"net/netip"
	"strings"
)

// Addresses as listen and the upstreams write them. The texts of faults are NGINX's.

func unixPath(path string) (fault string) {
	switch {
	case path == "":
		return "no path in the unix domain socket"
	case len(path) > 107:
		return "too long path in the unix domain socket"
	}
	return ""
}

// hostPort reads "host", "host:port" and "[address]:port"; the port is 80 when there is none. For listening, "port",
// "*:port" and ranges of ports are read too: host is empty then, and last the end of the range.
func hostPort(a string, listening bool) (host string, port, last int, fault string) {
	if strings.HasPrefix(a, "[") {
		return hostPort6(a, listening)
	}
	host, text, found := strings.Cut(a, ":")
	if strings.Contains(a, "/") || strings.Contains(a, "?") {
		return "", 0, 0, "invalid host"
	}
	if !found && listening {
		if first, _, _ := strings.Cut(a, "-"); allDigits(first) {
			text, host, found = a, "*", true
		}
	}
	port, last = 80, 80
	if found {
		port, last, fault = portRange(text, listening)
	}
	switch {
	case fault != "":
		return "", 0, 0, fault
	case host == "":
		return "", 0, 0, "no host"
	case host == "*" && listening:
		host = ""
	}
	return host, port, last, ""
}

func allDigits(s string) bool {
	_, ok := ParseNumber(s)
	return ok
}

// hostPort6 reads "[address]" and "[address]:port".
func hostPort6(a string, listening bool) (host string, port, last int, fault string) {
	host, rest, ok := strings.Cut(a[1:], "]")
	if !ok {
		return "", 0, 0, "invalid host"
	}
	port, last = 80, 80
	if rest != "" {
		if rest[0] != ':' {
			return "", 0, 0, "invalid host"
		}
		if port, last, fault = portRange(rest[1:], listening); fault != "" {
			return "", 0, 0, fault
		}
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "":
		return "", 0, 0, "no host"
	case err != nil || !ip.Is6():
		return "", 0, 0, "invalid IPv6 address"
	}
	return ip.String(), port, last, ""
}

// portRange reads "80", and "8000-8010" for listening.
func portRange(text string, listening bool) (first, last int, fault string) {
	low, high, ranged := strings.Cut(text, "-")
	if !ranged || !listening {
		low, high = text, text
	}
	n, ok1 := ParseNumber(low)
	m, ok2 := ParseNumber(high)
	switch {
	case !ok1 || !ok2 || n < 1 || n > 65535 || m < 1 || m > 65535:
		return 0, 0, "invalid port"
	case m < n:
		return 0, 0, "invalid port range"
	}
	return int(n), int(m), ""
}
