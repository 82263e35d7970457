package mp4

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"testing"
)

// empties is a file of nothing but boxes without content. It counts how often it is read.
type empties struct{ reads int }

func (e *empties) ReadAt(p []byte, _ int64) (int, error) {
	e.reads++
	return copy(p, "\x00\x00\x00\x08free\x00\x00\x00\x08free"), nil
}

// A file of countless boxes costs no countless reads: a gigabyte of these is 134 millions.
func TestCountlessBoxes(t *testing.T) {
	var file empties
	if _, err := usual.Cut(&file, 1<<30, 1, 0); err == nil || file.reads > 20000 {
		t.Errorf("%d reads, %v", file.reads, err)
	}
}

// Tracks of nothing take no more memory than an index of their size may.
func TestCountlessTracks(t *testing.T) {
	index := bytes.Repeat([]byte("\x00\x00\x00\x08trak"), 1<<17)
	file := append(binary.BigEndian.AppendUint32(nil, uint32(len(index)+8)), "moov"...)
	file = append(append(file, index...), "\x00\x00\x00\x09mdatx"...)
	cfg := Config{MaxIndex: 10 << 20}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := cfg.Cut(bytes.NewReader(file), int64(len(file)), 1, 0)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; err == nil || n > 4<<20 {
		t.Errorf("an index of %d bytes took %d of memory: %v", len(index), n, err)
	}
}
