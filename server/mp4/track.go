package mp4

import (
	"encoding/binary"
	"errors"
)

// track is a row of samples: pictures, or sound.
type track struct {
	cut *cut

	tkhd, mdhd, hdlr, vmhd, smhd, dinf, stsd []byte
	mdia, minf, stbl                         bool
	stts, stss, ctts, stsc, stsz             *table
	uniform                                  []byte // stsz of samples that have one size
	offsets                                  *table // stco or co64
	stscFirst, stscLast                      []byte // entries for a part of a chunk

	scale     uint32 // of mdhd: units a second
	duration  uint64 // in those
	shown     uint64 // in those of mvhd
	hidden    uint64 // units between the key frame the piece begins with and its start
	first     uint64 // sample
	behind    uint64 // sample behind the last
	chunk     uint64 // first one
	chunkEnd  uint64 // behind the last
	skipped   uint64 // samples of the first chunk that are left out
	kept      uint64 // samples of the last chunk that are not
	skipBytes uint64 // size of those samples
	keepBytes uint64
	from, to  int64 // in the file
}

// inTrack reads a box of trak.
func (p *parser) inTrack(name string, end int) error {
	switch name {
	case "tkhd":
		return p.trackHeader(end)
	case "mdia":
		return p.into(&p.track.mdia, name, end, p.inMedia)
	}
	return nil
}

// into reads on in a box that a track has once.
func (p *parser) into(seen *bool, name string, end int, box func(string, int) error) error {
	if *seen {
		return duplicate(name)
	}
	*seen = true
	return p.boxes(end, box)
}

// trackHeader reads the box with the duration of the track in units of the movie.
func (p *parser) trackHeader(end int) error {
	b, err := p.data("tkhd", end, 84)
	if err != nil {
		return err
	}
	d, err := times(b, "tkhd", 16, 84) // reserved, where others have the units
	if err != nil {
		return err
	}
	start := p.cut.start * uint64(p.cut.scale) / 1000
	switch {
	case d.get() <= start:
		return errSkip
	case p.track.tkhd != nil:
		return duplicate("tkhd")
	}
	p.track.shown = p.cut.within(d.get()-start, p.cut.scale)
	d.set(p.track.shown)
	p.track.tkhd = b
	return nil
}

// inMedia reads a box of mdia.
func (p *parser) inMedia(name string, end int) error {
	switch name {
	case "mdhd":
		return p.mediaHeader(end)
	case "hdlr":
		return p.keep(&p.track.hdlr, name, end, 0)
	case "minf":
		return p.into(&p.track.minf, name, end, p.inInformation)
	}
	return nil
}

// mediaHeader reads the box with the duration of the track in its own units.
func (p *parser) mediaHeader(end int) error {
	b, err := p.data("mdhd", end, 24)
	if err != nil {
		return err
	}
	d, err := times(b, "mdhd", 12, 24)
	if err != nil {
		return err
	}
	start := p.cut.start * uint64(d.scale()) / 1000
	switch {
	case d.get() <= start:
		return errSkip
	case p.track.mdhd != nil:
		return duplicate("mdhd")
	}
	p.track.mdhd, p.track.scale = b, d.scale()
	p.track.duration = p.cut.within(d.get()-start, d.scale())
	return nil
}

// inInformation reads a box of minf.
func (p *parser) inInformation(name string, end int) error {
	t := p.track
	switch name {
	case "vmhd", "smhd":
		if t.vmhd != nil || t.smhd != nil {
			return errors.New("duplicate mp4 vmhd/smhd atom")
		}
		to := &t.vmhd
		if name == "smhd" {
			to = &t.smhd
		}
		return p.keep(to, name, end, 0)
	case "dinf":
		return p.keep(&t.dinf, name, end, 0)
	case "stbl":
		return p.into(&t.stbl, name, end, p.inTables)
	}
	return nil
}

// inTables reads a box of stbl.
func (p *parser) inTables(name string, end int) error {
	t := p.track
	switch name {
	case "stsd":
		return p.keep(&t.stsd, name, end, 16)
	case "stts":
		return p.entries(&t.stts, name, end, 4, 8)
	case "stss":
		return p.entries(&t.stss, name, end, 4, 4)
	case "ctts":
		return p.entries(&t.ctts, name, end, 4, 8)
	case "stsc":
		return p.entries(&t.stsc, name, end, 4, 12)
	case "stsz":
		return p.sizes(end)
	case "stco":
		return p.entries(&t.offsets, "stco/co64", end, 4, 4)
	case "co64":
		return p.entries(&t.offsets, "stco/co64", end, 4, 8)
	}
	return nil
}

// sizes reads the sizes of samples, or that they are all the same.
func (p *parser) sizes(end int) error {
	t := p.track
	if b := p.b[p.pos:end]; len(b) >= 12 && binary.BigEndian.Uint32(b[4:]) != 0 {
		if t.stsz != nil {
			return duplicate("stsz")
		}
		return p.keep(&t.uniform, "stsz", end, 12)
	}
	if t.uniform != nil {
		return duplicate("stsz")
	}
	return p.entries(&t.stsz, "stsz", end, 8, 4)
}

// crop leaves of the tables what the piece needs.
func (t *track) crop() error {
	for _, step := range []func() error{t.cropTimes, t.cropKeyFrames, t.cropOffsets, t.cropChunks, t.cropSizes, t.cropPlaces} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// append appends the track as a box, in NGINX's order.
func (t *track) append(dst []byte) []byte {
	return appendBox(dst, "trak", func(dst []byte) []byte {
		dst = t.appendEdit(appendData(dst, "tkhd", t.tkhd))
		return appendBox(dst, "mdia", func(dst []byte) []byte {
			dst = appendData(appendData(dst, "mdhd", t.mdhd), "hdlr", t.hdlr)
			return appendBox(dst, "minf", func(dst []byte) []byte {
				dst = appendData(appendData(appendData(dst, "vmhd", t.vmhd), "smhd", t.smhd), "dinf", t.dinf)
				return appendBox(dst, "stbl", t.appendTables)
			})
		})
	})
}

func (t *track) appendTables(dst []byte) []byte {
	dst = t.stts.append(appendData(dst, "stsd", t.stsd), "stts", nil, nil)
	if t.stss != nil {
		dst = t.stss.append(dst, "stss", nil, nil)
	}
	if t.ctts != nil && t.ctts.len() > 0 {
		dst = t.ctts.append(dst, "ctts", nil, nil)
	}
	dst = t.stsc.append(dst, "stsc", t.stscFirst, t.stscLast)
	if dst = appendData(dst, "stsz", t.uniform); t.stsz != nil {
		dst = t.stsz.append(dst, "stsz", nil, nil)
	}
	if t.offsets.width == 8 {
		return t.offsets.append(dst, "co64", nil, nil)
	}
	return t.offsets.append(dst, "stco", nil, nil)
}

// appendEdit appends an edit list that hides what is before the start.
func (t *track) appendEdit(dst []byte) []byte {
	if t.hidden == 0 {
		return dst
	}
	return appendBox(dst, "edts", func(dst []byte) []byte {
		return appendBox(dst, "elst", func(dst []byte) []byte {
			dst = append(dst, 1, 0, 0, 0, 0, 0, 0, 1) // version 1, one entry
			dst = binary.BigEndian.AppendUint64(dst, t.shown)
			dst = binary.BigEndian.AppendUint64(dst, t.hidden)
			return append(dst, 0, 1, 0, 0) // at its rate
		})
	})
}
