// Hot: runs for every request; no allocation, no map, no defer.

package http1

import "bytes"

// The grammar of Host and of the authority in a target. What is let through here becomes a virtual host, a cache key, a
// redirect and a name given to an application, and each of those reads "a@b", "a/b" or "a,b" in its own way.

// validAuthority reports whether b is host [":" port] by RFC 3986 section 3.2: a registered name or an IPv4 address, or an
// address of version 6 or above in brackets; the port is digits, perhaps none, up to 65535. Only Host may be empty. Narrower
// than the RFC: no "," in a name (two hosts to whoever joins repeated fields), no zone.
func validAuthority(b []byte, mayBeEmpty bool) bool {
	if n := countIn(b, isHost); n > 0 && (n == len(b) || b[n] == ':' && validPort(b[n+1:])) {
		return true // most are nothing else
	}
	return validOddAuthority(b, mayBeEmpty)
}

// validOddAuthority is validAuthority for what is empty, an address in brackets, or has a "%".
func validOddAuthority(b []byte, mayBeEmpty bool) bool {
	if len(b) == 0 {
		return mayBeEmpty
	}
	n := 0
	if b[0] == '[' {
		end := bytes.IndexByte(b, ']')
		if end < 0 || !validIPv6(b[1:end]) && !validIPvFuture(b[1:end]) {
			return false
		}
		n = end + 1
	} else if n = regName(b); n == 0 {
		return false
	}
	return n == len(b) || b[n] == ':' && validPort(b[n+1:])
}

// regName is the length of the registered name (RFC 3986 section 3.2.2) that b begins with.
func regName(b []byte) int {
	n := 0
	for n < len(b) {
		switch {
		case class[b[n]]&isHost != 0:
			n++
		case b[n] == '%' && n+2 < len(b) && class[b[n+1]]&class[b[n+2]]&isHex != 0:
			n += 3
		default:
			return n
		}
	}
	return n
}

// validPort reports whether b is a port number or nothing.
func validPort(b []byte) bool {
	return len(b) <= 5 && allIn(b, isDigit) && (len(b) < 5 || string(b) <= "65535")
}

// validIPv6 reports whether b is an IPv6address of RFC 3986 section 3.2.2: eight groups of one to four hexadecimal digits,
// "::" once for the groups that are left out, and perhaps an IPv4 address for the last two.
func validIPv6(b []byte) bool {
	groups, elided := 0, false
	if bytes.HasPrefix(b, []byte("::")) {
		b, elided = b[2:], true
	}
	for len(b) > 0 {
		n := 0
		for n < len(b) && class[b[n]]&isHex != 0 {
			n++
		}
		if n < len(b) && b[n] == '.' {
			groups += 2
			return validIPv4(b) && (groups == 8 && !elided || groups < 8 && elided)
		}
		if n == 0 || n > 4 {
			return false
		}
		groups++
		if b = b[n:]; len(b) == 0 {
			break
		}
		if b[0] != ':' || len(b) == 1 {
			return false
		}
		if b = b[1:]; b[0] == ':' {
			if elided {
				return false
			}
			b, elided = b[1:], true
		}
	}
	return groups == 8 && !elided || groups < 8 && elided
}

// validIPvFuture reports whether b is an IPvFuture of RFC 3986 section 3.2.2: "v", a version in hexadecimal, ".", and what that
// version makes of it. Brackets enclose it, so that it is read in one way only.
func validIPvFuture(b []byte) bool {
	version, address := cut(b, '.')
	if len(version) < 2 || lower[version[0]] != 'v' || !allIn(version[1:], isHex) || len(address) == 0 {
		return false
	}
	for _, c := range address {
		if class[c]&isHost == 0 && c != ':' && c != ',' {
			return false
		}
	}
	return true
}

// validIPv4 reports whether b is four decimal octets.
func validIPv4(b []byte) bool {
	for octet := 0; octet < 4; octet++ {
		n := 0
		for n < len(b) && class[b[n]]&isDigit != 0 {
			n++
		}
		if n == 0 || n > 3 || n > 1 && b[0] == '0' || n == 3 && string(b[:3]) > "255" {
			return false
		}
		if b = b[n:]; octet < 3 {
			if len(b) == 0 || b[0] != '.' {
				return false
			}
			b = b[1:]
		}
	}
	return len(b) == 0
}
