package mp4

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

// samplesOf reads the samples of a track the slow way: chunk by chunk, sample by sample.
func samplesOf(t testing.TB, file []byte, track int) (list [][]byte) {
	t.Helper()
	find := func(b []byte, name string, nth int) []byte {
		for at := 0; at+8 <= len(b); {
			size := int(binary.BigEndian.Uint32(b[at:]))
			if string(b[at+4:at+8]) == name {
				if nth--; nth < 0 {
					return b[at+8 : at+size]
				}
			}
			at += size
		}
		t.Fatalf("no %s", name)
		return nil
	}
	n := func(b []byte, i int) uint32 { return binary.BigEndian.Uint32(b[4*i:]) }
	stbl := find(find(find(find(find(file, "moov", 0), "trak", track), "mdia", 0), "minf", 0), "stbl", 0)
	stsc, stsz, stco := find(stbl, "stsc", 0), find(stbl, "stsz", 0), find(stbl, "stco", 0)
	for chunk := range n(stco, 1) {
		each := uint32(0)
		for e := range n(stsc, 1) {
			if n(stsc[8:], int(3*e)) <= chunk+1 {
				each = n(stsc[8:], int(3*e+1))
			}
		}
		for at := n(stco, int(2+chunk)); each > 0 && uint32(len(list)) < n(stsz, 2); each-- {
			size := n(stsz, 3+len(list))
			list = append(list, file[at:at+size])
			at += size
		}
	}
	return list
}

// The samples of a piece are those of the file between its times.
func TestSamples(t *testing.T) {
	file := movies["two"].bytes()
	all := samplesOf(t, file, 0)
	if len(all) != 230 {
		t.Fatalf("%d samples", len(all))
	}
	for _, test := range []struct {
		start, end    uint64 // ms
		key           bool
		first, behind int // of the samples: 100 of 1/30 s, 50 of 1/15 s, 80 of 1/24 s
	}{
		{0, 1000, false, 0, 30}, {1000, 0, false, 30, 230}, {1000, 2000, false, 30, 60}, {1000, 2000, true, 25, 60}, {3400, 6700, false, 101, 150},
		{3400, 6700, true, 100, 150}, {9990, 0, false, 229, 230},
	} {
		body, ok := sent(Config{MaxIndex: 1 << 20, KeyFrame: test.key}, file, test.start, test.end)
		if !ok {
			t.Fatalf("%+v is refused", test)
		}
		got := samplesOf(t, body, 0)
		want := all[test.first:test.behind]
		if len(got) != len(want) {
			t.Errorf("%+v: %d samples of %d", test, len(got), len(want))
			continue
		}
		for i := range want {
			if !bytes.Equal(got[i], want[i]) {
				t.Errorf("%+v: sample %d differs", test, i)
				break
			}
		}
		if hides := bytes.Contains(body, []byte("elst")); hides != test.key {
			t.Errorf("%+v: an edit list: %t", test, hides)
		}
	}
}

func TestRefused(t *testing.T) {
	file := movies["one"].bytes()
	for what, test := range map[string]struct {
		cfg   Config
		file  []byte
		start uint64
	}{
		"a large index": {Config{Buffer: 10, MaxIndex: 20}, file, 1000}, "behind the end": {usual, file, 10000}, "an empty file": {usual, nil, 1}, "no boxes": {usual, []byte("text"), 1},
		"a cut file": {usual, file[:len(file)-1], 1}, "no index": {usual, box("mdat", file), 1}, "two indices": {usual, append(bytes.Clone(file[28:200]), file...), 1},
	} {
		if _, err := test.cfg.Cut(bytes.NewReader(test.file), int64(len(test.file)), test.start, 0); err == nil || errors.Is(err, ErrWhole) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := usual.Cut(bytes.NewReader(file), int64(len(file)), 0, 0); !errors.Is(err, ErrWhole) {
		t.Errorf("all of a file with its index in front: %v", err)
	}
}

// Whatever the file says, what is sent of it lies within it.
func FuzzCut(f *testing.F) {
	for _, m := range movies {
		f.Add(m.bytes(), uint32(1234), uint32(0), false)
		f.Add(m.bytes(), uint32(1234), uint32(500), true)
	}
	f.Fuzz(func(t *testing.T, file []byte, start, length uint32, key bool) {
		cfg := Config{Buffer: 512 << 10, MaxIndex: 1 << 20, KeyFrame: key}
		p, err := cfg.Cut(bytes.NewReader(file), int64(len(file)), uint64(start), uint64(length))
		if err != nil {
			return
		}
		if p.From < 0 || p.To <= p.From || p.To > int64(len(file)) || !bytes.Contains(p.Head, []byte("moov")) {
			t.Errorf("%d bytes: %d to %d", len(file), p.From, p.To)
		}
		if n := binary.BigEndian.Uint32(p.Head[len(p.Head)-8:]); int64(n) != p.To-p.From+8 {
			t.Errorf("the media of %d bytes is said to have %d", p.To-p.From, n)
		}
	})
}
