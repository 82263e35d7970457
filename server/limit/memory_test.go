package limit

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"unsafe"
)

// What CPython's hash() says of these bytes with PYTHONHASHSEED=0, and the first of the vectors that come with SipHash.
func TestSipHash(t *testing.T) {
	for text, want := range map[string]uint64{
		"a": 0x407448d2b89b1813, "abcdefg": 0x6db12aae9070f506, "abcdefgh": 0x3f7b849c0b8e35ea, "\x7f\x00\x00\x01": 0x58fc05256bcc82e2,
		"0123456789012345678901234567890123456789": 0xd4248f9a9ace8e0c,
	} {
		if got := siphash(0, 0, []byte(text)); got != want {
			t.Errorf("%q: %#x, want %#x", text, got, want)
		}
	}
	for i, want := range [...]uint64{
		0xebd11618f299a286, 0x678ee43b0e2b3899, 0x92249c36c213e508, 0x94029665ab7d9d92, 0xc4f6dfc7b8c3198e,
		0xa451648cea361df4, 0xa403a794d701b440, 0xb9b64644c5c3ddae, 0xefcfa4bce88abc11, 0x62504a40e4a3c75d,
		0x70bac2c29883648b, 0x233e5adacb16353, 0x1371d27777f666e5, 0x69f8ce98ccd9041, 0x6dbd165c1d041caf,
		0xf3515b9070fa6f24, 0xb738ac62bf8cab50,
	} {
		if got := siphash(0, 0, []byte("ABCDEFGHIJKLMNOPQ")[:i+1]); got != want {
			t.Errorf("%d letters: %#x, want %#x", i+1, got, want)
		}
	}
	if got := siphash(0x0706050403020100, 0x0f0e0d0c0b0a0908, nil); got != 0xabac0158050fc4dc {
		t.Errorf("nothing: %#x", got)
	}
}

// words are zeroed memory of so many bytes.
func words(bytes int64) []byte {
	w := make([]uint64, bytes/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(&w[0])), bytes)
}

// Nothing of a table lies across what belongs to another part, and the last byte is used.
func TestLayout(t *testing.T) {
	for _, size := range []int64{MinZone, 100_000, 1 << 20, 2 << 20, 10 << 20} {
		for _, head := range []int{reqStateLen, connState} {
			l := lay(size, head)
			memory := words(l.bytes())
			tab := l.open(memory)
			begin := uintptr(unsafe.Pointer(&memory[0]))
			end := begin + uintptr(seedBytes+int64(l.shards)*headBytes)
			for i := range tab.shards {
				s := &tab.shards[i]
				if at := uintptr(unsafe.Pointer(&s.buckets[0])); at < end || at%64 != begin%64 {
					t.Fatalf("%d bytes: the buckets of shard %d are at %d, behind %d", size, i, at-begin, end-begin)
				}
				if at := uintptr(unsafe.Pointer(&s.states[0])); at%8 != 0 || at != uintptr(unsafe.Pointer(&s.buckets[0]))+uintptr(4*len(s.buckets)) {
					t.Fatalf("%d bytes: the states of shard %d are at %d", size, i, at-begin)
				}
				end = uintptr(unsafe.Pointer(&s.states[len(s.states)-1])) + unsafe.Sizeof(state{})
			}
			if rest := begin + uintptr(len(memory)) - end; rest >= 64 {
				t.Errorf("%d bytes: %d are left over", size, rest)
			}
			if again := l.open(memory); again.seed != tab.seed || tab.seed[0] == 0 || tab.seed[0] == tab.seed[1] {
				t.Errorf("seeds %x and %x", tab.seed, again.seed)
			}
		}
	}
}

// shared makes two zones that look at the same memory, as those of two processes do.
func sharedReq(t *testing.T, rate int64) (a, b *ReqZone, c *clock) {
	t.Helper()
	c = &clock{1 << 40}
	var memory []byte
	for _, z := range []**ReqZone{&a, &b} {
		var err error
		if *z, err = NewReqZone(ZoneConfig{Name: "z", Size: MinZone, Key: byHeader("X-z"), Rate: rate, Later: true}, nil); err != nil {
			t.Fatal(err)
		}
		if memory == nil {
			memory = words((*z).Bytes())
		}
		(*z).Attach(memory)
		(*z).now = func() int64 { return c.ms }
	}
	return a, b, c
}

func TestSharedReq(t *testing.T) {
	a, b, clock := sharedReq(t, 1000)
	for i, z := range []*ReqZone{a, b, b, a, a} {
		want := []outcome{counted, counted, counted, busy, busy}[i]
		if o, _, _ := z.take([]byte("k"), 2000, clock.ms, true); o != want {
			t.Errorf("step %d: %d, want %d", i, o, want)
		}
	}
	long := func() []byte { return make([]byte, 1000) }
	a.take(long(), 0, clock.ms, true)
	if o, _, _ := b.take(long(), 0, clock.ms, true); o != busy {
		t.Error("a long key is another to another process")
	}
}

// The requests of a key are the sum of those of all processes, and those of one that has ended are given back.
func TestSharedConn(t *testing.T) {
	l := lay(MinZone, connState)
	memory := words(l.bytes())
	zone := func(pid uint32) *ConnZone {
		z := &ConnZone{ZoneConfig{Name: "z"}, memoryOf(l)}
		z.Attach(memory)
		z.owner = pid
		return z
	}
	a, b, master := zone(1<<30), zone(1<<30+1), zone(1<<30+2)
	var pins []connPin
	enter := func(z *ConnZone, want outcome) {
		t.Helper()
		p, o := z.enter([]byte("k"), 3)
		if o != want {
			t.Errorf("%d, want %d", o, want)
		}
		if o == counted {
			pins = append(pins, p)
		}
	}
	enter(a, counted)
	enter(b, counted)
	enter(b, counted)
	enter(a, busy)
	enter(b, busy)
	master.forget(b.owner)
	enter(a, counted)
	enter(a, counted)
	enter(a, busy)
	for i := range pins { // two of them are forgotten
		pins[i].leave()
	}
	if s := &a.shards[0]; s.newest != 0 || s.used != 0 {
		t.Error("states are left over")
	}
}

func memoryOf(l layout) memory { return memory{layout: l} }

// FuzzMend wrecks what a process may have been about to change, and has it mended: all states are found, once, and can go.
func FuzzMend(f *testing.F) {
	f.Add([]byte{1, 2, 3, 130, 4, 5, 131}, uint32(3), byte(0))
	f.Add([]byte{9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 137, 136}, uint32(0xffffffff), byte(1))
	f.Add([]byte{}, uint32(0), byte(2))
	f.Fuzz(func(t *testing.T, ops []byte, wreck uint32, where byte) {
		l := lay(MinZone, reqStateLen)
		tab := l.table()
		s := &tab.shards[0]
		live := map[byte]ident{}
		for n, op := range ops {
			id := tab.ident(binary.LittleEndian.AppendUint16(nil, uint16(op%128)))
			id.hash = 1 + id.hash&7 // long chains; 0 is of no state
			switch i := s.find(id); {
			case i == 0:
				i = s.add(id, 0)
				s.states[i].last = int64(n)
				live[op%128] = id
			case op >= 128:
				s.remove(i)
				delete(live, op%128)
			}
		}
		garbage := int32(wreck % uint32(len(s.states)))
		*[]*int32{&s.newest, &s.oldest, &s.free, &s.buckets[0], s.bucket(7), &s.states[1].next, &s.states[1].newer, &s.states[1].older}[where%8] = garbage
		s.used += int64(garbage)
		s.mend()
		var ages []int64
		for i := s.newest; i != 0; i = s.states[i].older {
			ages = append(ages, s.states[i].last)
		}
		if len(ages) != len(live) || !slices.IsSortedFunc(ages, func(a, b int64) int { return int(b - a) }) {
			t.Fatalf("%d states in the order %v, want %d", len(ages), ages, len(live))
		}
		for name, id := range live {
			i := s.find(id)
			if i == 0 {
				t.Fatalf("%d is lost", name)
			}
			s.remove(i)
		}
		if s.used != 0 || s.newest != 0 || s.oldest != 0 {
			t.Fatalf("%d bytes are left", s.used)
		}
		free := 0
		for i := s.free; i != 0; i = s.states[i].next {
			free++
		}
		if free != int(s.top) {
			t.Fatalf("%d of %d states are free", free, s.top)
		}
	})
}

// Keys as long as a state holds, and those of which it holds the digest, are told apart.
func TestIdent(t *testing.T) {
	l := lay(MinZone, reqStateLen)
	tab := l.table()
	seen := map[string]bool{}
	for n := range 100 {
		id := tab.ident(make([]byte, n+1))
		text := fmt.Sprintf("%d %x %x", id.size, id.hash, id.key)
		if seen[text] || len(id.key) > inlineKey || int(id.size) != n+1 {
			t.Errorf("%d bytes: %s", n+1, text)
		}
		seen[text] = true
	}
}
