package script

import (
	"net/netip"
	"testing"
)

func TestAppendOctets(t *testing.T) {
	octets := []byte{0, 1, 9, 10, 42, 99, 100, 109, 199, 200, 250, 255}
	for _, a := range octets {
		for _, b := range octets {
			addr := netip.AddrFrom4([4]byte{a, b, b, a})
			if have, want := string(appendAddr([]byte("x"), addr)), "x"+addr.String(); have != want {
				t.Fatalf("%q, not %q", have, want)
			}
		}
	}
}
