package middleware

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"bytes"
	"net/netip"
	"strings"
	"unsafe"
)

// The lists are read from their end: the end is what trusted proxies wrote, and nothing a client sent before it can change
// how it is read, an open quote included.

// lastAddress cuts the last element off a list of addresses. As in NGINX, white space separates like a comma does.
func lastAddress(list []byte) (elem, rest []byte) {
	list = trimEnd(list)
	i := len(list)
	for i > 0 && !separates(list[i-1]) {
		i--
	}
	return list[i:], list[:i]
}

// lastForwarded cuts the last element off a Forwarded field (RFC 7239 section 4). Commas within quotes are not counted.
func lastForwarded(list []byte) (elem, rest []byte) {
	list = trimEnd(list)
	quoted := false
	for i := len(list) - 1; i >= 0; i-- {
		switch {
		case list[i] == '"' && !escaped(list, i):
			quoted = !quoted
		case list[i] == ',' && !quoted:
			return list[i+1:], list[:i]
		}
	}
	return list, nil
}

// escaped tells whether an odd number of backslashes stands before b[i].
func escaped(b []byte, i int) bool {
	odd := false
	for i > 0 && b[i-1] == '\\' {
		odd, i = !odd, i-1
	}
	return odd
}

func separates(c byte) bool { return c == ',' || c == ' ' || c == '\t' }

// trimEnd drops white space and empty elements from the end of a list.
func trimEnd(b []byte) []byte {
	for len(b) > 0 && separates(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// trimStart drops white space from the start.
func trimStart(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}

// forwardedFor returns the address of an element's "for" parameter. There is none when the element is malformed, has no
// "for" or two of them, or when its node is "unknown" or obfuscated (RFC 7239 section 6).
func forwardedFor(elem []byte) (a netip.Addr, ok bool) {
	for {
		if elem = trimStart(elem); len(elem) == 0 {
			return a, ok
		}
		if elem[0] == ';' { // an empty pair, which the grammar allows
			elem = elem[1:]
			continue
		}
		name, value, rest, quoted := nextPair(elem)
		if name == nil {
			return a, false
		}
		if len(name) == 3 && name[0]|0x20 == 'f' && name[1]|0x20 == 'o' && name[2]|0x20 == 'r' {
			// What is no token has to be quoted: that is every IPv6 address and every port.
			if ok || !quoted && !isToken(value) {
				return a, false
			}
			if a, ok = parseNode(value); !ok {
				return a, false
			}
		}
		if elem = rest; len(elem) > 0 && elem[0] != ';' {
			return a, false
		}
	}
}

// nextPair cuts name=value off the front of an element. value has no quotes around it; escapes within are left as they
// are, and no address has one. name is nil when there is no pair.
func nextPair(b []byte) (name, value, rest []byte, quoted bool) {
	eq := bytes.IndexByte(b, '=')
	if eq <= 0 || eq+1 == len(b) || !isToken(b[:eq]) {
		return nil, nil, nil, false
	}
	name, value = b[:eq], b[eq+1:]
	if value[0] != '"' {
		end := bytes.IndexByte(value, ';')
		if end < 0 {
			end = len(value)
		}
		return name, value[:end], value[end:], false
	}
	for i := 1; i < len(value); i++ {
		switch value[i] {
		case '\\':
			i++
		case '"':
			return name, value[1:i], value[i+1:], true
		}
	}
	return nil, nil, nil, false
}

// isToken tells whether b consists of token characters (RFC 9110 section 5.6.2).
func isToken(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return len(b) > 0
}

// parseNode reads an address with or without a port: 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1],
// [2001:db8::1]:80. A zone is refused: it means nothing to another machine.
func parseNode(b []byte) (netip.Addr, bool) {
	host, port := b, []byte(nil)
	bracketed := len(b) > 0 && b[0] == '['
	if bracketed {
		end := bytes.IndexByte(b, ']')
		if end < 0 {
			return netip.Addr{}, false
		}
		host, port = b[1:end], b[end+1:]
	} else if i := bytes.IndexByte(b, ':'); i >= 0 && i == bytes.LastIndexByte(b, ':') {
		host, port = b[:i], b[i:]
	}
	if !validPort(port) {
		return netip.Addr{}, false
	}
	a, ok := parseAddr(host)
	return a.Unmap(), ok && (!bracketed || a.Is6())
}

// parseAddr is netip.ParseAddr without zones. What cannot be an address is sorted out before, because an error of
// ParseAddr is allocated.
func parseAddr(b []byte) (netip.Addr, bool) {
	if len(b) < 2 || len(b) > len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255") {
		return netip.Addr{}, false
	}
	for _, c := range b {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') && c != '.' && c != ':' {
			return netip.Addr{}, false
		}
	}
	a, err := netip.ParseAddr(unsafe.String(unsafe.SliceData(b), len(b)))
	return a, err == nil
}

// validPort takes nothing, or a colon and 1 to 65535, or RFC 7239's obfuscated port.
func validPort(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	if b[0] != ':' {
		return false
	}
	if b = b[1:]; len(b) > 1 && b[0] == '_' {
		return isToken(b)
	}
	n := 0
	for _, c := range b {
		if n = n*10 + int(c-'0'); c < '0' || c > '9' || n > 65535 {
			return false
		}
	}
	return n > 0
}
