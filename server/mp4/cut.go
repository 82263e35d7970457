package mp4

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Config are the directives.
type Config struct {
	// Buffer is the size in bytes up to which an index is read whatever MaxIndex says (mp4_buffer_size); MaxIndex bounds others
	// (mp4_max_buffer_size).
	Buffer, MaxIndex int64
	// KeyFrame has a piece begin with the key frame before its start, hidden up to that by an edit list (mp4_start_key_frame).
	KeyFrame bool
}

// Piece is what is sent: Head, and the bytes of the file from From to To.
type Piece struct {
	Head     []byte
	From, To int64
}

// ErrWhole is returned by Cut when the file is to be sent as it is.
var ErrWhole = errors.New("mp4: the whole file is asked for")

const (
	// ftypMax bounds the box that begins a file, in bytes.
	ftypMax = 1024
	// boxesMax bounds the boxes of a file up to its index and media, and tracksMax the tracks: a box of 8 bytes costs a read, and a
	// track of 8 bytes some 500 of memory. NGINX has neither bound; files have less than ten of each.
	boxesMax, tracksMax = 4096, 1024
)

// cut is the work on one file.
type cut struct {
	Config
	file          io.ReaderAt
	size          int64
	start, length uint64 // milliseconds; length is 0 for all that follows

	ftyp, mvhd []byte
	index      bool
	tracks     []*track
	scale      uint32 // of mvhd: units a second
	media      int64  // end of mdat; 0 when there is none
}

// Cut makes the piece of a file of size bytes from start on, of length milliseconds; 0 is all that follows. Whatever is wrong with
// the file is an error. It reads the file, so it may block.
func (cfg Config) Cut(file io.ReaderAt, size int64, start, length uint64) (Piece, error) {
	c := &cut{Config: cfg, file: file, size: size, start: start, length: length}
	if err := c.read(); err != nil {
		return Piece{}, err
	}
	switch {
	case len(c.tracks) == 0:
		return Piece{}, errors.New("no mp4 trak atoms were found")
	case c.media == 0:
		return Piece{}, errors.New("no mp4 mdat atom was found")
	}
	from, to := size, int64(0)
	for _, t := range c.tracks {
		if err := t.crop(); err != nil {
			return Piece{}, err
		}
		from, to = min(from, t.from), max(to, t.to)
	}
	switch {
	case to <= from:
		return Piece{}, errors.New("no data between start time and end time")
	case from >= c.media:
		return Piece{}, errors.New("start time is out mp4 mdat atom")
	}
	head := c.appendHead(nil, from, to)
	for _, t := range c.tracks {
		t.move(int64(len(head)) - from)
	}
	return Piece{c.appendHead(head[:0], from, to), from, to}, nil
}

// appendHead appends all that stands before the media.
func (c *cut) appendHead(dst []byte, from, to int64) []byte {
	dst = appendData(dst, "ftyp", c.ftyp)
	dst = appendBox(dst, "moov", func(dst []byte) []byte {
		dst = appendData(dst, "mvhd", c.mvhd)
		for _, t := range c.tracks {
			dst = t.append(dst)
		}
		return dst
	})
	n := uint64(to - from)
	if n > math.MaxUint32-8 {
		dst = append(dst, "\x00\x00\x00\x01mdat"...)
		return binary.BigEndian.AppendUint64(dst, n+16)
	}
	return append(binary.BigEndian.AppendUint32(dst, uint32(n+8)), "mdat"...)
}

// read goes through the boxes of the file, up to the index and the media.
func (c *cut) read() error {
	for at, boxes := int64(0), 0; at < c.size; boxes++ {
		if boxes == boxesMax {
			return errors.New("mp4: too many atoms")
		}
		var b [16]byte
		n := min(c.size-at, int64(len(b)))
		if _, err := c.file.ReadAt(b[:n], at); err != nil {
			return fmt.Errorf("mp4: %w", err)
		}
		name, head, size, err := header(b[:n], uint64(c.size-at))
		if err != nil || size == 0 {
			return err
		}
		start, end := at+int64(head), at+int64(size)
		more, err := c.box(name, start, end)
		if err != nil || !more {
			return err
		}
		at = end
	}
	return nil
}

// box reads a box of the file, and tells whether others are of interest.
func (c *cut) box(name string, start, end int64) (more bool, err error) {
	switch name {
	case "ftyp":
		switch {
		case end-start > ftypMax:
			return false, fmt.Errorf("mp4 ftyp atom is too large:%d", end-start)
		case c.ftyp != nil:
			return false, duplicate(name)
		}
		c.ftyp, err = c.load(start, end)
		return true, err
	case "moov":
		return c.readIndex(start, end)
	case "mdat":
		if c.media != 0 {
			return false, duplicate(name)
		}
		c.media = end
		return len(c.tracks) == 0, nil
	}
	return true, nil
}

// readIndex reads the index. In front of the media it may be left as it is.
func (c *cut) readIndex(start, end int64) (more bool, err error) {
	switch {
	case c.media == 0 && c.start == 0 && c.length == 0:
		return false, ErrWhole
	case c.index:
		return false, duplicate("moov")
	case end-start > c.Buffer && end-start > c.MaxIndex:
		return false, fmt.Errorf("mp4 moov atom is too large:%d, you may want to increase mp4_max_buffer_size", end-start)
	}
	c.index = true
	b, err := c.load(start, end)
	if err != nil {
		return false, err
	}
	p := &parser{b: b, cut: c}
	if err := p.boxes(len(b), p.inIndex); err != nil {
		return false, err
	}
	return c.media == 0 && !p.over, nil
}

func (c *cut) load(start, end int64) ([]byte, error) {
	b := make([]byte, end-start)
	if _, err := c.file.ReadAt(b, start); err != nil && len(b) > 0 {
		return nil, fmt.Errorf("mp4: %w", err)
	}
	return b, nil
}

// inIndex reads a box of moov.
func (p *parser) inIndex(name string, end int) error {
	switch name {
	case "mvhd":
		return p.movieHeader(end)
	case "trak":
		if len(p.cut.tracks) == tracksMax {
			return errors.New("mp4: too many tracks")
		}
		t := &track{cut: p.cut}
		p.track = t
		switch err := p.boxes(end, p.inTrack); err {
		case nil:
			p.cut.tracks = append(p.cut.tracks, t)
		case errSkip:
			p.pos = end
		default:
			return err
		}
	case "cmov":
		return errors.New("mp4 compressed moov atom (cmov) is not supported")
	}
	return nil
}

// movieHeader reads the box with the duration of all.
func (p *parser) movieHeader(end int) error {
	c := p.cut
	if err := p.keep(&c.mvhd, "mvhd", end, 100); err != nil {
		return err
	}
	d, err := times(c.mvhd, "mvhd", 12, 100)
	if err != nil {
		return err
	}
	c.scale = d.scale()
	start := c.start * uint64(c.scale) / 1000
	if d.get() < start {
		return errors.New("mp4 start time exceeds file duration")
	}
	d.set(c.within(d.get()-start, c.scale))
	return nil
}

// within bounds a duration by the length that is asked for.
func (c *cut) within(d uint64, scale uint32) uint64 {
	if c.length == 0 {
		return d
	}
	return min(d, c.length*uint64(scale)/1000)
}

// duration is that of a header box; its version tells how wide it is.
type duration struct {
	b        []byte
	at, unit int
	wide     bool
}

// times finds the duration in a header of at least least bytes; unit is where the units a second stand. In version 1 it has 64 bits,
// and so have two times before it.
func times(b []byte, name string, unit, least int) (duration, error) {
	d := duration{b: b, at: unit + 4, unit: unit, wide: b[0] != 0}
	if !d.wide {
		return d, nil
	}
	d.at, d.unit = d.at+8, d.unit+8
	if len(b) < least+12 {
		return d, fmt.Errorf("mp4 %s atom too small", name)
	}
	return d, nil
}

func (d duration) scale() uint32 { return binary.BigEndian.Uint32(d.b[d.unit:]) }

func (d duration) get() uint64 {
	if d.wide {
		return binary.BigEndian.Uint64(d.b[d.at:])
	}
	return uint64(binary.BigEndian.Uint32(d.b[d.at:]))
}

func (d duration) set(v uint64) {
	if d.wide {
		binary.BigEndian.PutUint64(d.b[d.at:], v)
		return
	}
	binary.BigEndian.PutUint32(d.b[d.at:], uint32(v))
}
