package mp4

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// movie describes a file that is made for a test.
type movie struct {
	behind, wide, large bool // the index behind the media; co64; an mdat with a size of 64 bits
	version             byte // of the headers
	tracks              []trackOf
}

// trackOf describes a track. The sizes of its samples are random, but for a uniform one.
type trackOf struct {
	scale    uint32
	times    [][2]uint32 // stts
	keys     []uint32    // stss; nil for none
	shifts   [][2]uint32 // ctts
	chunks   [][3]uint32 // stsc
	uniform  uint32
	duration uint32 // of mdhd and tkhd
}

func u32(list ...uint32) (b []byte) {
	for _, n := range list {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

func box(name string, parts ...[]byte) []byte {
	return appendData(nil, name, append([]byte{}, slices.Concat(parts...)...))
}

// headerBox is mvhd, tkhd or mdhd: the times of version 0 or 1, and padding up to size.
func headerBox(name string, version byte, unit, duration uint32, size int) []byte {
	b := []byte{version, 0, 0, 0}
	wide := func(n uint32) {
		if version > 0 {
			b = append(b, 0, 0, 0, 0)
		}
		b = append(b, u32(n)...)
	}
	wide(1)
	wide(2)
	b = append(b, u32(unit)...)
	if name == "tkhd" {
		b = append(b, u32(0)...)
	}
	wide(duration)
	if version > 0 {
		size += 12
	}
	for len(b) < size {
		b = append(b, byte(len(b)))
	}
	return box(name, b)
}

// bytes makes the file.
func (m movie) bytes() []byte {
	ftyp := box("ftyp", []byte("isom\x00\x00\x02\x00isomiso2mp41"))
	build := func(base uint64) (moov, media []byte) {
		r := rand.New(rand.NewPCG(1, 2))
		parts := [][]byte{headerBox("mvhd", m.version, 1000, 10000, 100)}
		for i := range m.tracks {
			trak, data := m.track(i, base+uint64(len(media)), r)
			parts, media = append(parts, trak), append(media, data...)
		}
		return box("moov", append(parts, box("udta", []byte("free text")))...), media
	}
	head := uint64(8)
	if m.large {
		head = 16
	}
	moov, _ := build(0)
	base := uint64(len(ftyp)) + head
	if !m.behind {
		base += uint64(len(moov))
	}
	moov, media := build(base)
	mdat := box("mdat", media)
	if m.large {
		mdat = slices.Concat([]byte("\x00\x00\x00\x01mdat"), binary.BigEndian.AppendUint64(nil, uint64(len(media))+16), media)
	}
	if m.behind {
		return slices.Concat(ftyp, mdat, moov)
	}
	return slices.Concat(ftyp, moov, mdat)
}

// track makes a track whose chunks begin at base.
func (m movie) track(i int, base uint64, r *rand.Rand) (trak, media []byte) {
	t := m.tracks[i]
	count := uint32(0)
	for _, e := range t.times {
		count += e[0]
	}
	var sizes, offsets []byte
	chunks, sample := uint32(0), uint32(0)
	for sample < count {
		each := uint32(1)
		for _, e := range t.chunks {
			if e[0] <= chunks+1 {
				each = e[1]
			}
		}
		at := base + uint64(len(media))
		if m.wide {
			offsets = binary.BigEndian.AppendUint64(offsets, at)
		} else {
			offsets = append(offsets, u32(uint32(at))...)
		}
		for range min(each, count-sample) {
			n := t.uniform
			if n == 0 {
				n = 1 + r.Uint32N(40)
				sizes = append(sizes, u32(n)...)
			}
			for range n {
				media = append(media, byte(r.Uint32()))
			}
			sample++
		}
		chunks++
	}
	name := "stco"
	if m.wide {
		name = "co64"
	}
	tables := [][]byte{box("stsd", u32(0, 1, 16), []byte("avc1"), make([]byte, 8)), entriesBox("stts", pairs(t.times))}
	if t.keys != nil {
		tables = append(tables, entriesBox("stss", [][]uint32{t.keys}, uint32(len(t.keys))))
	}
	if t.shifts != nil {
		tables = append(tables, entriesBox("ctts", pairs(t.shifts)))
	}
	var list [][]uint32
	for _, e := range t.chunks {
		list = append(list, e[:])
	}
	tables = append(tables, entriesBox("stsc", list), box("stsz", u32(0, t.uniform, count), sizes), box(name, u32(0, chunks), offsets))
	kind := box("vmhd", u32(1, 0, 0))
	if i > 0 {
		kind = box("smhd", u32(0, 0))
	}
	minf := box("minf", kind, box("dinf", box("dref", u32(0, 0))), box("stbl", tables...))
	mdia := box("mdia", headerBox("mdhd", m.version, t.scale, t.duration*t.scale/1000, 24), box("hdlr", u32(0, 0), []byte("vide"), make([]byte, 13)), minf)
	edts := box("edts", box("elst", u32(0, 1, t.duration, 0, 1<<16)))
	return box("trak", headerBox("tkhd", m.version, uint32(i+1), t.duration, 84), edts, mdia), media
}

func pairs(list [][2]uint32) (out [][]uint32) {
	for _, e := range list {
		out = append(out, e[:])
	}
	return out
}

// entriesBox is a table; count is of its entries, unless it is given.
func entriesBox(name string, entries [][]uint32, count ...uint32) []byte {
	n := uint32(len(entries))
	if len(count) > 0 {
		n = count[0]
	}
	b := u32(0, n)
	for _, e := range entries {
		b = append(b, u32(e...)...)
	}
	return box(name, b)
}

var video = trackOf{
	scale: 600, times: [][2]uint32{{100, 20}, {50, 40}, {80, 25}}, keys: []uint32{1, 26, 60, 101, 131, 200},
	shifts: [][2]uint32{{30, 1}, {90, 2}, {110, 3}}, chunks: [][3]uint32{{1, 7, 1}, {10, 3, 1}, {20, 11, 2}}, duration: 10000,
}

var sound = trackOf{scale: 44100, times: [][2]uint32{{430, 1024}}, chunks: [][3]uint32{{1, 10, 1}}, uniform: 6, duration: 9984}

var speech = trackOf{scale: 8000, times: [][2]uint32{{1000, 80}}, chunks: [][3]uint32{{1, 13, 1}, {2, 12, 1}}, duration: 10000}

var short = trackOf{scale: 1000, times: [][2]uint32{{20, 100}}, chunks: [][3]uint32{{1, 20, 1}}, duration: 2000}

var movies = map[string]movie{
	"plain":  {tracks: []trackOf{video}},
	"two":    {tracks: []trackOf{video, sound}},
	"behind": {behind: true, tracks: []trackOf{video, speech}},
	"wide":   {wide: true, version: 1, large: true, tracks: []trackOf{video, speech}},
	"skips":  {tracks: []trackOf{speech, short}},
	"one":    {tracks: []trackOf{short}},
}
