package upstream

import (
	"strconv"
	"testing"
)

// TestSessionsThatAreChosen has a client choose the names of its sessions so that the first bits of their sums are the same: looking
// one up must not take longer for that.
func TestSessionsThatAreChosen(t *testing.T) {
	s := newSessions(256 * sessionSize)
	p := &Peer{sid: "a"}
	for i, n := 0, 0; n < 200; i++ {
		id := []byte(strconv.Itoa(i))
		if key := keyOf(id); key[0]&uint64(len(s.buckets)-1) == 0 {
			s.learn(id, p, true, 0, 1000)
			n++
		}
	}
	for _, i := range s.buckets {
		n := 0
		for ; i != 0; i = s.entries[i].chain {
			n++
		}
		if n > 20 {
			t.Errorf("a bucket has %d of 200 sessions", n)
		}
	}
}
