package mp4

import (
	"encoding/binary"
	"errors"
	"math"
)

// cropChunks leaves the entries of stsc for the chunks of the piece, by their new numbers.
func (t *track) cropChunks() error {
	switch {
	case t.stsc == nil:
		return errors.New("no mp4 stsc atoms were found")
	case t.stsc.len() == 0:
		return errors.New("zero number of entries in stsc atom")
	case t.offsets == nil:
		return errors.New("no mp4 stco atoms were found")
	}
	if err := t.cropFirstChunk(); err != nil {
		return err
	}
	if t.cut.length != 0 {
		if err := t.cropLastChunk(); err != nil {
			return err
		}
	}
	for i := range t.stsc.len() {
		t.stsc.set(i, 0, t.stsc.at(i, 0)-uint32(t.chunk))
	}
	return nil
}

// place is where a sample lies in stsc.
type place struct {
	entry    int
	next     uint32 // first chunk of the next entry
	samples  uint32 // of each chunk
	previous uint32 // of those of the entry before
	left     uint32 // samples of the entry before it
	chunk    uint64
	within   uint32 // samples of its chunk before it
}

// chunkOf finds a sample, counted from the first chunk that is left.
func (t *track) chunkOf(sample uint32, edge string) (p place, err error) {
	unordered := errors.New("unordered mp4 stsc chunks")
	chunk := t.stsc.at(0, 0)
	p.samples = t.stsc.at(0, 1)
	for {
		last := p.entry+1 == t.stsc.len()
		if p.next = uint32(t.offsets.len()) + 1; !last {
			p.next = t.stsc.at(p.entry+1, 0)
		}
		if p.next < chunk {
			return p, unordered
		}
		n := uint64(p.next-chunk) * uint64(p.samples)
		if uint64(sample) < n || last && uint64(sample) == n {
			break
		}
		if last {
			return p, errors.New(edge + " time is out mp4 stsc chunks")
		}
		sample -= uint32(n)
		if p.next > chunk {
			p.previous = p.samples
		}
		p.entry++
		chunk, p.samples = p.next, t.stsc.at(p.entry, 1)
	}
	switch {
	case p.samples == 0:
		return p, errors.New("zero number of samples")
	case chunk == 0:
		return p, errors.New("zero chunk")
	}
	p.left = sample
	p.chunk, p.within = uint64(chunk-1)+uint64(sample/p.samples), sample%p.samples
	return p, nil
}

// cropFirstChunk drops the chunks before the piece. A part of a chunk has an entry of its own.
func (t *track) cropFirstChunk() error {
	p, err := t.chunkOf(uint32(t.first), "start")
	if err != nil {
		return err
	}
	t.stsc.from(p.entry)
	t.chunk, t.skipped = p.chunk, uint64(p.within)
	t.stsc.set(0, 0, uint32(p.chunk)+1)
	switch {
	case p.within == 0:
	case uint64(p.next)-p.chunk == 2: // it is the only one of its entry
		t.stsc.set(0, 1, p.samples-p.within)
	default:
		t.stscFirst = chunkEntry(1, p.samples-p.within, t.stsc.at(0, 2))
		t.stsc.set(0, 0, uint32(p.chunk)+2)
	}
	return nil
}

// cropLastChunk drops the chunks behind the piece, in the same way.
func (t *track) cropLastChunk() error {
	sample := uint32(t.behind - t.first)
	if t.stscFirst != nil {
		n := min(binary.BigEndian.Uint32(t.stscFirst[4:]), sample)
		binary.BigEndian.PutUint32(t.stscFirst[4:], n)
		sample -= n
	}
	p, err := t.chunkOf(sample, "end")
	if err != nil {
		return err
	}
	id, first := t.stsc.at(p.entry, 2), t.stsc.at(p.entry, 0)
	t.chunkEnd, t.kept = p.chunk, uint64(p.previous)
	if p.left > 0 {
		t.kept = uint64(p.samples)
	}
	if p.within > 0 {
		t.chunkEnd, t.kept = p.chunk+1, uint64(p.within)
	}
	switch {
	case p.within == 0:
	case uint64(first)+1-p.chunk == 2:
		t.stsc.set(p.entry, 1, p.within)
	default:
		t.stscLast = chunkEntry(uint32(t.chunkEnd-t.chunk), p.within, id)
	}
	if p.left > 0 {
		p.entry++
	}
	t.stsc.to(p.entry)
	return nil
}

func chunkEntry(chunk, samples, id uint32) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 12), chunk)
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, samples), id)
}

// cropSizes leaves the sizes of the samples of the piece, and sums those up that share a chunk with its ends.
func (t *track) cropSizes() (err error) {
	if t.stsz == nil {
		return nil
	}
	if t.first >= uint64(t.stsz.len()) {
		return errors.New("start time is out mp4 stsz samples")
	}
	if t.skipBytes, err = t.sum(t.first, t.skipped); err != nil {
		return err
	}
	end := uint64(t.stsz.len())
	if t.cut.length != 0 {
		if t.behind > end {
			return errors.New("end time is out mp4 stsz samples")
		}
		end = t.behind
		if t.keepBytes, err = t.sum(end, t.kept); err != nil {
			return err
		}
	}
	t.stsz.to(int(end))
	t.stsz.from(int(t.first))
	return nil
}

// sum returns the size of the n samples before end, which is not larger than the file.
func (t *track) sum(end, n uint64) (sum uint64, err error) {
	if n > end {
		return 0, errors.New("mp4 chunk is out mp4 stsz samples")
	}
	for i := end - n; i < end; i++ {
		sum += uint64(t.stsz.at(int(i), 0))
	}
	if sum > uint64(t.cut.size) {
		return 0, errors.New("too large mp4 samples size")
	}
	return sum, nil
}

// cropPlaces leaves the offsets of the chunks of the piece, and finds out which bytes of the file it consists of.
func (t *track) cropPlaces() error {
	n := uint64(t.offsets.len())
	switch {
	case t.chunk >= n:
		return errors.New("start time is out mp4 stco chunks")
	case t.cut.length != 0 && t.chunkEnd > n:
		return errors.New("end time is out mp4 stco chunks")
	case t.cut.length != 0 && t.chunkEnd < t.chunk:
		return errors.New("no data between start time and end time")
	}
	start, err := t.within(t.chunk, t.skipBytes)
	if err != nil {
		return err
	}
	end := t.cut.media
	if t.cut.length != 0 {
		if n = t.chunkEnd; n > t.chunk {
			last := start
			if n-1 > t.chunk {
				last = int64(t.offset(n - 1))
			}
			if end, err = t.bounded(uint64(last), t.keepBytes); err != nil {
				return err
			}
		}
	}
	t.setOffset(t.chunk, uint64(start))
	t.offsets.to(int(n))
	t.offsets.from(int(t.chunk))
	if t.from, t.to = start, end; t.offsets.len() == 0 {
		t.from, t.to = t.cut.size, 0
	}
	return nil
}

// within returns the place of a byte of a chunk.
func (t *track) within(chunk, skip uint64) (int64, error) { return t.bounded(t.offset(chunk), skip) }

// bounded adds to an offset what has to be in the file, and in 32 bits where offsets have those.
func (t *track) bounded(offset, n uint64) (int64, error) {
	if offset > uint64(t.cut.size)-n || t.offsets.width == 4 && offset+n > math.MaxUint32 {
		return 0, errors.New("too large chunk offset")
	}
	return int64(offset + n), nil
}

func (t *track) offset(i uint64) uint64 {
	if t.offsets.width == 8 {
		return binary.BigEndian.Uint64(t.offsets.data[8*i:])
	}
	return uint64(t.offsets.at(int(i), 0))
}

func (t *track) setOffset(i, v uint64) {
	if t.offsets.width == 8 {
		binary.BigEndian.PutUint64(t.offsets.data[8*i:], v)
		return
	}
	t.offsets.set(int(i), 0, uint32(v))
}

// move adds to all offsets by how much the media moves.
func (t *track) move(by int64) {
	for i := range uint64(t.offsets.len()) {
		t.setOffset(i, t.offset(i)+uint64(by))
	}
}
