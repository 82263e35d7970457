package cache

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
)

// Open opens the file that Lookup wants, after the verdict NeedsOpen, and makes it warm; then Lookup is called again. It blocks. A file
// that is no complete entry is removed.
func (r *Request) Open(now int64) {
	r.opens++
	r.opened = r.sum
	z := r.zone
	e, size, err := z.openFile(r.sum, r.key.Text)
	if err != nil {
		z.notOpened(r.sum, err)
		return
	}
	s := z.shard(&r.sum)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doomed[r.sum] > 0 || z.cold.Load() && z.purges.match(e.key) {
		e.Release()
		return
	}
	n := z.node(s, r.sum, r.key.Sum, now)
	if n == nil || n.entry != nil { // another was faster
		e.Release()
		return
	}
	z.setSize(n, size)
	z.warmUp(s, n, e)
}

// notOpened forgets an entry that is none.
func (z *Zone) notOpened(sum Sum, err error) {
	if errors.Is(err, errKey) {
		return
	}
	s := z.shard(&sum)
	s.mu.Lock()
	if n := s.nodes[sum]; n != nil && n.entry == nil && n.exists {
		z.setSize(n, 0) // removeBad removes the file, if it is still that one
		z.clear(s, n)
	}
	s.mu.Unlock()
	if !errors.Is(err, fs.ErrNotExist) {
		z.log(fmt.Errorf("cache: %q: %w", fileName(z.path, z.levels, sum), err))
	}
}

// openFile opens the file of a sum. The entry has one reference; size is what the file takes on disk. A file that Refresh writes the
// header of at that moment is read again.
func (z *Zone) openFile(sum Sum, key []byte) (e *Entry, size int64, err error) {
	name := fileName(z.path, z.levels, sum)
	for try := 0; ; try++ {
		f, err := os.Open(name)
		if err != nil {
			return nil, 0, err
		}
		e, size, err = z.readFile(f, key)
		switch {
		case err == nil:
			return e, size, nil
		case try > 0 || !errors.Is(err, errHeader):
			z.removeBad(f, err)
			return nil, 0, err
		}
		_ = f.Close()
	}
}

// readFile makes an entry of an open file: in memory when it is small enough, else with the file shared. It closes f unless it fails.
func (z *Zone) readFile(f *os.File, key []byte) (*Entry, int64, error) {
	h, size, err := readHeader(f)
	if err != nil {
		return nil, 0, err
	}
	text := make([]byte, h.textLen())
	if _, err := f.ReadAt(text, headerSize); err != nil {
		return nil, 0, err
	}
	e, err := h.entry(text)
	if err != nil {
		return nil, 0, err
	}
	if e.key != string(key) {
		return nil, 0, errKey
	}
	if err := z.readBody(f, &h, e); err != nil {
		return nil, 0, err
	}
	if !e.inMem {
		if e.file, err = dup(f); err != nil {
			return nil, 0, err
		}
	}
	_ = f.Close()
	return e, z.blocks(size), nil
}

// readHeader reads the header of a file and compares its length.
func readHeader(f *os.File) (h header, size int64, err error) {
	var b [headerSize]byte
	info, err := f.Stat()
	if err != nil {
		return h, 0, err
	}
	if info.Size() < headerSize {
		return h, 0, errLength
	}
	if _, err := f.ReadAt(b[:], 0); err != nil {
		return h, 0, err
	}
	if h, err = parseHeader(b[:]); err == nil && h.fileLen() != info.Size() {
		err = errLength
	}
	return h, info.Size(), err
}

// readBody reads a body that will be kept in memory, and checks one that is not too large to be checked.
func (z *Zone) readBody(f *os.File, h *header, e *Entry) error {
	sum := uint32(0)
	switch body := io.NewSectionReader(f, e.offset, e.length); {
	case e.length <= z.keep:
		e.body, e.inMem = make([]byte, e.length), true
		if _, err := io.ReadFull(body, e.body); err != nil {
			return err
		}
		sum = crc32.Checksum(e.body, castagnoli)
	case e.length <= verifyMax:
		hash := crc32.New(castagnoli)
		if _, err := io.Copy(hash, body); err != nil {
			return err
		}
		sum = hash.Sum32()
	default:
		return nil
	}
	if sum != h.bodySum {
		return errChecksum
	}
	return nil
}

// removeBad has a file removed that is no entry, unless another has taken its name meanwhile, and closes it.
func (z *Zone) removeBad(f *os.File, err error) {
	bad, e := f.Stat()
	name := f.Name()
	_ = f.Close()
	if e != nil || errors.Is(err, errKey) {
		return
	}
	z.disk.add(0, func() {
		if now, err := os.Stat(name); err == nil && os.SameFile(now, bad) {
			_ = os.Remove(name)
		}
	})
}
