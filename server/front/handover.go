package front

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// handover is how the worker processes of one configuration tell those of the next one, at a reload, what NGINX keeps in shared memory:
// sessions, and what names mean. A process that is told to quit writes it behind the counters in the file of memory that all
// share, before it does anything else; one that has begun to serve looks for it for a while.
//
//	1 GiB ─▶ generation, bytes used │ length, gob │ length, gob ...
type handover struct {
	file       *os.File
	generation uint64
}

const (
	handoverAt   = 1 << 30 // behind what package metrics keeps there
	handoverHead = 16
	maxHandover  = 256 << 20 // bytes of one generation
	handoverLook = 10 * time.Millisecond
	handoverTime = 10 * time.Second
)

// newHandover returns nil where processes share no memory.
func newHandover(shared *os.File, generation int) *handover {
	if shared == nil {
		return nil
	}
	if st, err := shared.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil
	}
	return &handover{shared, uint64(generation)}
}

// head returns whose records the file holds, and how many bytes of them.
func (h *handover) head() (generation, used uint64, err error) {
	var b [handoverHead]byte
	if _, err = h.file.ReadAt(b[:], handoverAt); err != nil && !errors.Is(err, io.EOF) {
		return 0, 0, err
	}
	return binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:]), nil
}

// lock keeps other processes from writing.
func (h *handover) lock(kind int16) error {
	return syscall.FcntlFlock(h.file.Fd(), syscall.F_SETLKW, &syscall.Flock_t{Type: kind, Start: handoverAt, Len: handoverHead})
}

// save adds a record. Those of generations before this one make room.
func (h *handover) save(list []upstream.Saved) error {
	b := bytes.NewBuffer(make([]byte, 8))
	if err := gob.NewEncoder(b).Encode(list); err != nil {
		return err
	}
	record := b.Bytes()
	binary.LittleEndian.PutUint64(record, uint64(len(record)-8))
	if err := h.lock(syscall.F_WRLCK); err != nil {
		return err
	}
	defer func() { _ = h.lock(syscall.F_UNLCK) }()
	generation, used, err := h.head()
	if err != nil {
		return err
	}
	if generation != h.generation {
		used = 0
		if err := h.file.Truncate(handoverAt + handoverHead); err != nil {
			return err
		}
	}
	if used+uint64(len(record)) > maxHandover {
		return fmt.Errorf("front: %d bytes are too many to hand over", used+uint64(len(record)))
	}
	if _, err := h.file.WriteAt(record, handoverAt+handoverHead+int64(used)); err != nil {
		return err
	}
	var head [handoverHead]byte
	binary.LittleEndian.PutUint64(head[:], h.generation)
	binary.LittleEndian.PutUint64(head[8:], used+uint64(len(record)))
	_, err = h.file.WriteAt(head[:], handoverAt)
	return err
}

// follow calls take with every record that processes of earlier generations write from now on, for a while.
func (h *handover) follow(ctx context.Context, take func([]upstream.Saved)) error {
	from, done, err := h.head()
	if err != nil {
		return err
	}
	ticker := time.NewTicker(handoverLook)
	defer ticker.Stop()
	for end := time.Now().Add(handoverTime); time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		generation, used, err := h.head()
		if err != nil || generation >= h.generation {
			return err
		}
		if generation != from {
			from, done = generation, 0
		}
		for done < used {
			list, size, err := h.record(done)
			if err != nil {
				return err
			}
			take(list)
			done += size
		}
	}
	return nil
}

// record reads the record at a place, and returns its size, too.
func (h *handover) record(at uint64) (list []upstream.Saved, size uint64, err error) {
	var length [8]byte
	place := handoverAt + handoverHead + int64(at)
	if _, err := h.file.ReadAt(length[:], place); err != nil {
		return nil, 0, err
	}
	size = binary.LittleEndian.Uint64(length[:])
	if size > maxHandover {
		return nil, 0, fmt.Errorf("front: a record of %d bytes", size)
	}
	err = gob.NewDecoder(io.NewSectionReader(h.file, place+8, int64(size))).Decode(&list)
	return list, size + 8, err
}

// takeOver has the groups go on with what earlier generations hand over.
func (rt *Runtime) takeOver(ctx context.Context) {
	err := rt.handover.follow(ctx, func(list []upstream.Saved) {
		for i := range list {
			for _, g := range rt.groups {
				g.Merge(&list[i], time.Now().UnixMilli())
			}
		}
	})
	if err != nil {
		rt.back.printf(errlog.Warn, "the state of upstreams was not taken over: %v", err)
	}
}

// handOver tells the next generation what the groups know.
func (rt *Runtime) handOver() {
	if rt.handover == nil {
		return
	}
	var list []upstream.Saved
	for _, g := range rt.groups {
		if s := g.Save(); len(s.Names) > 0 || len(s.Sessions) > 0 {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return
	}
	if err := rt.handover.save(list); err != nil {
		rt.back.printf(errlog.Warn, "the state of upstreams was not handed over: %v", err)
	}
}

// Adopt has the upstreams and the zones of limits go on where those of old stand: another configuration of the same server, in the same process. It must be
// called before Open, which does it; old serves its last requests meanwhile, but looks for no names and checks nobody's
// health any more.
func (rt *Runtime) Adopt(old *Runtime) { rt.older = old }

// adopt is Open's part of Adopt.
func (rt *Runtime) adopt() {
	if rt.older == nil {
		return
	}
	rt.older.back.stop()
	for _, g := range rt.groups {
		for _, o := range rt.older.groups {
			g.Adopt(o, time.Now().UnixMilli())
		}
	}
	for _, u := range rt.older.upstreams {
		u.Retire()
	}
	rt.older = nil
}
