package limit

import (
	"container/list"
	"fmt"
	"strings"
	"testing"
)

// The numbers of states that NGINX's slab allocator has room for; see TestCapacityAgainstNginx.
func TestRoom(t *testing.T) {
	for _, c := range []struct {
		size   int64
		head   int
		key    int
		states int
	}{
		{32 << 10, reqStateLen, 4, 191},
		{32 << 10, reqStateLen, 48, 191},
		{32 << 10, reqStateLen, 49, 80},
		{32 << 10, reqStateLen, 200, 40},
		{32 << 10, connState, 28, 383},
		{1 << 20, reqStateLen, 4, 8095},
		{1 << 20, reqStateLen, 1968, 504},
		{1 << 20, reqStateLen, 4016, 252},
		{1 << 20, connState, 16, 16191},
	} {
		l := lay(c.size, c.head)
		s := &l.table().shards[0]
		n := 0
		for ; n < 20000; n++ {
			key := []byte(fmt.Sprintf("%0*d", c.key, n))
			id := ident{uint64(n), int32(c.key), key[:min(c.key, inlineKey)]}
			if !s.fits(id) {
				break
			}
			s.add(id, 0)
		}
		if n != c.states {
			t.Errorf("%d bytes, keys of %d: %d states, want %d", c.size, c.key, n, c.states)
		}
	}
	for size, shards := range map[int64]int{MinZone: 1, 2<<20 - 1: 1, 2 << 20: 2, 10 << 20: 8, 1 << 30: 16} {
		if got := lay(size, connState).shards; got != shards {
			t.Errorf("%d bytes: %d shards, want %d", size, got, shards)
		}
	}
}

// FuzzTable compares a shard with a map and a list. Each byte is an operation on one of 32 keys, all in a few chains.
func FuzzTable(f *testing.F) {
	f.Add([]byte{0, 1, 2, 64, 65, 128, 0})
	f.Add([]byte(strings.Repeat("\x01\x41\x81\xc1", 20)))
	f.Add([]byte{31, 31 + 128, 31, 30, 30 + 64, 30 + 128})
	f.Fuzz(func(t *testing.T, ops []byte) {
		l := lay(MinZone, reqStateLen)
		tab := l.table()
		s := &tab.shards[0]
		states, order := map[string]int32{}, list.New()
		elements := map[string]*list.Element{}
		for _, op := range ops {
			name := strings.Repeat(fmt.Sprintf("%c", 'a'+op%32), 1+int(op%32)*3) // some are longer than inlineKey
			id := tab.ident([]byte(name))
			id.hash = uint64(op % 4)
			i := s.find(id)
			if i != states[name] {
				t.Fatalf("%q is %d, want %d", name, i, states[name])
			}
			switch {
			case i == 0 && s.fits(id):
				states[name] = s.add(id, 0)
				elements[name] = order.PushFront(name)
			case i != 0 && op >= 128:
				s.remove(i)
				order.Remove(elements[name])
				delete(states, name)
			case i != 0:
				s.touch(i)
				order.MoveToFront(elements[name])
			}
			at := s.newest
			for e := order.Front(); e != nil; e = e.Next() {
				if at == 0 || at != states[e.Value.(string)] {
					t.Fatal("the order is lost")
				}
				at = s.states[at].older
			}
			if at != 0 {
				t.Fatal("a state too many")
			}
		}
		for _, i := range states {
			s.remove(i)
		}
		if s.used != 0 || s.newest != 0 || s.oldest != 0 {
			t.Fatalf("%d bytes are left", s.used)
		}
	})
}

// FuzzBucket compares the bucket with one that is written with exact fractions of milliseconds left out: a list of what was
// counted, drained step by step.
func FuzzBucket(f *testing.F) {
	f.Add(uint16(1000), uint8(2), []byte{0, 0, 0, 255, 10})
	f.Add(uint16(16), uint8(0), []byte{0, 200, 200})
	f.Fuzz(func(t *testing.T, rate uint16, burst uint8, gaps []byte) {
		z, clock := reqZone(t, "z", int64(rate)+1, MinZone)
		key := []byte("key")
		var excess, last int64
		seen := false
		for _, gap := range gaps {
			clock.ms += int64(gap) * 7
			o, got, _ := z.take(key, int64(burst)*1000, clock.ms, true)
			want := int64(0)
			if seen {
				want = excess - (int64(rate)+1)*(clock.ms-last)/1000 + 1000
				if want < 0 {
					want = 0
				}
			}
			refused := want > int64(burst)*1000
			if got != want || refused != (o == busy) {
				t.Fatalf("excess %d, want %d; outcome %d", got, want, o)
			}
			if !refused {
				if excess, seen = want, true; clock.ms != last {
					last = clock.ms
				}
			}
		}
	})
}

// The oldest state goes when the zone is full; empty ones go a minute after their last request.
func TestForgetting(t *testing.T) {
	z, clock := reqZone(t, "z", 1000, MinZone)
	s := &z.shards[0]
	has := func(key string) bool { return s.find(z.ident([]byte(key))) != 0 }
	take := func(key string) outcome { o, _, _ := z.take([]byte(key), 0, clock.ms, true); return o }
	for i := range 191 {
		take(fmt.Sprint(i))
	}
	take("0") // refused, and yet the newest
	take("more")
	if !has("0") || has("1") || !has("2") || !has("more") {
		t.Error("it is not the oldest that goes")
	}
	clock.ms += 59_999
	take("another")
	if has("2") || !has("3") {
		t.Error("one goes by force, further ones after a minute only")
	}
	clock.ms++
	take("3") // now 4 is the oldest
	take("and another")
	if has("4") || has("5") || !has("6") {
		t.Error("two empty states go")
	}
	small, _ := reqZone(t, "z", 1000, MinZone)
	_, _, p := small.take([]byte("noted"), 0, clock.ms, false)
	for i := range 300 {
		if o, _, _ := small.take([]byte(fmt.Sprint(i)), 0, clock.ms, true); o != counted {
			t.Fatalf("%d: %d", i, o)
		}
	}
	if excess := small.account(p, clock.ms+5); excess != 0 {
		t.Error("what was pushed out is counted in another's state")
	}
	for i := range small.shards[0].states {
		if small.shards[0].states[i].last == clock.ms+5 {
			t.Error("the state of another key was changed")
		}
	}
}
