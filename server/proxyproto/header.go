package proxyproto

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
)

// Header is what a proxy told. A header that tells of no client (UNKNOWN, LOCAL, a family that is no IP) is the zero value.
type Header struct {
	// Source is the client, Destination the address it connected to.
	Source, Destination netip.AddrPort
	tlvs                []byte
}

const (
	// maxText is the longest header of version 1, its line end included, and maxBinary the longest of version 2.
	maxText, maxBinary = 107, 4096
	// fixed is what every header of version 2 begins with, signature included.
	fixed = 16
)

var (
	signature = []byte("\r\n\r\n\x00\r\nQUIT\n")
	word      = []byte("PROXY ")

	errTooLarge = errors.New("header is too large")
	errAddress  = errors.New("header without addresses")
)

// Parse reads the header at the start of in. It returns the bytes it takes, 0 when in does not hold all of it yet. The Header
// does not refer to in. Errors are in NGINX's words.
func Parse(in []byte) (h *Header, n int, err error) {
	switch {
	case begins(in, signature):
		return parseBinary(in)
	case begins(in, word):
		return parseText(in)
	}
	return nil, 0, broken(in)
}

// begins tells whether in begins with what, as far as it goes.
func begins(in, what []byte) bool {
	n := min(len(in), len(what))
	return bytes.Equal(in[:n], what[:n])
}

// broken is the error for what is no header, of either version. It shows the first line.
func broken(in []byte) error {
	if end := bytes.IndexAny(in, "\r\n"); end >= 0 {
		in = in[:end]
	}
	return fmt.Errorf(`broken header: "%s"`, in[:min(len(in), maxText)])
}

// parseText reads version 1.
func parseText(in []byte) (*Header, int, error) {
	end := bytes.Index(in[:min(len(in), maxText)], []byte("\r\n"))
	switch {
	case end < 0 && len(in) < maxText:
		return nil, 0, nil
	case end < len(word):
		return nil, 0, broken(in)
	}
	text := in[len(word):end]
	if bytes.HasPrefix(text, []byte("UNKNOWN")) {
		return &Header{}, end + 2, nil
	}
	part := bytes.Split(text, []byte(" "))
	if len(part) != 5 || string(part[0]) != "TCP4" && string(part[0]) != "TCP6" {
		return nil, 0, broken(in)
	}
	source, ok := addrPort(part[1], part[3])
	destination, ok2 := addrPort(part[2], part[4])
	if !ok || !ok2 {
		return nil, 0, broken(in)
	}
	return &Header{Source: source, Destination: destination}, end + 2, nil
}

// addrPort reads an address and a port, each without further text.
func addrPort(addr, port []byte) (netip.AddrPort, bool) {
	a, err := netip.ParseAddr(string(addr))
	n, err2 := strconv.ParseUint(string(port), 10, 16)
	return netip.AddrPortFrom(a, uint16(n)), err == nil && err2 == nil && a.Zone() == ""
}

// The values of version 2.
const (
	version2       = 2
	commandProxy   = 1
	transportBytes = 1 // STREAM
	familyIPv4     = 1
	familyIPv6     = 2
)

// parseBinary reads version 2.
func parseBinary(in []byte) (*Header, int, error) {
	if len(in) < fixed {
		return nil, 0, nil
	}
	version, command := in[12]>>4, in[12]&15
	family, transport := in[13]>>4, in[13]&15
	end := fixed + int(binary.BigEndian.Uint16(in[14:]))
	switch {
	case version != version2:
		return nil, 0, fmt.Errorf("unknown PROXY protocol version: %d", version)
	case end > maxBinary:
		return nil, 0, errTooLarge
	case len(in) < end:
		return nil, 0, nil
	case command != commandProxy || transport != transportBytes:
		return &Header{}, end, nil
	}
	switch family {
	case familyIPv4:
		return parseAddresses(in[fixed:end], 4, end)
	case familyIPv6:
		return parseAddresses(in[fixed:end], 16, end)
	}
	return &Header{}, end, nil
}

// parseAddresses reads two addresses of size bytes, two ports, and keeps the elements behind them.
func parseAddresses(b []byte, size, end int) (*Header, int, error) {
	rest := 2*size + 4
	if len(b) < rest {
		return nil, 0, errAddress
	}
	source, _ := netip.AddrFromSlice(b[:size])
	destination, _ := netip.AddrFromSlice(b[size : 2*size])
	h := &Header{
		Source:      netip.AddrPortFrom(source, binary.BigEndian.Uint16(b[2*size:])),
		Destination: netip.AddrPortFrom(destination, binary.BigEndian.Uint16(b[2*size+2:])),
		tlvs:        bytes.Clone(b[rest:]),
	}
	return h, end, nil
}
