package proxyproto

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The types of elements, and those of the element about TLS.
const (
	typeALPN      = 0x01
	typeAuthority = 0x02
	typeUniqueID  = 0x05
	typeSSL       = 0x20
	typeVersion   = 0x21
	typeCN        = 0x22
	typeCipher    = 0x23
	typeSigAlg    = 0x24
	typeKeyAlg    = 0x25
	typeNetNS     = 0x30

	// sslHead is what the element about TLS begins with: a byte of flags and the result of the verification.
	sslHead = 5
)

var errBroken = errors.New("broken PROXY protocol TLV")

// TLV returns the value of an element by NGINX's name for it ("alpn", "ssl_cn", "0x02", "ssl_verify"); false without an
// error means that there is none. It is valid as long as h.
func (h *Header) TLV(name string) (value []byte, ok bool, err error) {
	inner, isSSL := strings.CutPrefix(name, "ssl_")
	if !isSSL {
		return h.element(h.tlvs, name, name, outerType)
	}
	ssl, ok, err := lookup(h.tlvs, typeSSL)
	switch {
	case err != nil || !ok:
		return nil, false, err
	case len(ssl) < sslHead:
		return nil, false, errBroken
	case inner == "verify":
		return strconv.AppendUint(nil, uint64(binary.BigEndian.Uint32(ssl[1:])), 10), true, nil
	}
	return h.element(ssl[sslHead:], name, inner, innerType)
}

// element finds an element of list; what is its name there, "0x" and a number or a word that types knows.
func (h *Header) element(list []byte, name, what string, types func(string) int) ([]byte, bool, error) {
	number, isNumber := strings.CutPrefix(what, "0x")
	if !isNumber {
		kind := types(what)
		if kind == 0 {
			return nil, false, fmt.Errorf("unknown PROXY protocol TLV %q", name)
		}
		return lookup(list, kind)
	}
	kind, err := strconv.ParseUint(number, 16, 31)
	if err != nil {
		return nil, false, fmt.Errorf("invalid PROXY protocol TLV %q", name)
	}
	return lookup(list, int(kind))
}

func outerType(name string) int {
	switch name {
	case "alpn":
		return typeALPN
	case "authority":
		return typeAuthority
	case "unique_id":
		return typeUniqueID
	case "ssl":
		return typeSSL
	case "netns":
		return typeNetNS
	}
	return 0
}

func innerType(name string) int {
	switch name {
	case "version":
		return typeVersion
	case "cn":
		return typeCN
	case "cipher":
		return typeCipher
	case "sig_alg":
		return typeSigAlg
	case "key_alg":
		return typeKeyAlg
	}
	return 0
}

// lookup returns the value of the first element of a type.
func lookup(list []byte, kind int) ([]byte, bool, error) {
	for len(list) > 0 {
		if len(list) < 3 {
			return nil, false, errBroken
		}
		n := 3 + int(binary.BigEndian.Uint16(list[1:]))
		if len(list) < n {
			return nil, false, errBroken
		}
		if int(list[0]) == kind {
			return list[3:n], true, nil
		}
		list = list[n:]
	}
	return nil, false, nil
}
