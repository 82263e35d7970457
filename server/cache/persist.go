package cache

import (
	"hash/crc32"
	"os"
	"syscall"

	"github.com/wheelpit/wheelpit/pool"
)

// persist writes an entry that is in memory to its file, if it is still wanted. It has a reference of its own.
func (z *Zone) persist(sum Sum, e *Entry) {
	defer e.Release()
	s := z.shard(&sum)
	if !z.saving(s, sum, e) {
		return
	}
	open, size, err := z.writeEntry(sum, e)
	if err != nil {
		z.failed(err)
	}
	s.mu.Lock()
	n := s.nodes[sum]
	wanted := n != nil && n.saving == e
	if wanted {
		n.saving = nil
		if err != nil {
			z.notSaved(s, n)
		} else {
			z.saved(s, n, e, open, size)
		}
	}
	s.mu.Unlock()
	if !wanted && err == nil { // purged meanwhile, or replaced by one that will be written
		_ = os.Remove(fileName(z.path, z.levels, sum))
	}
	if open != nil {
		open.Release()
	}
}

func (z *Zone) saving(s *shard, sum Sum, e *Entry) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nodes[sum]
	return n != nil && n.saving == e
}

// saved notes that an entry has its file. One that is not kept in memory is served from there. The caller holds the lock.
func (z *Zone) saved(s *shard, n *node, e *Entry, open *pool.File, size int64) {
	z.setSize(n, size)
	if open == nil || n.entry != e {
		return
	}
	onDisk := e.withMeta(e.meta)
	onDisk.body, onDisk.inMem, onDisk.file = nil, false, open.Acquire()
	z.warmUp(s, n, onDisk)
}

// notSaved notes that an entry has no file: an older one would be of an older version. One that is not kept in memory is lost. The
// caller holds the lock.
func (z *Zone) notSaved(s *shard, n *node) {
	if n.size > 0 {
		z.setSize(n, 0)
		z.doom(s, n.sum)
	}
	if e := n.entry; e != nil && e.inMem && e.length > z.keep {
		z.clear(s, n)
		if !n.busy() {
			z.remove(s, n)
		}
	}
}

// dup makes a descriptor of its own for responses to share.
func dup(f *os.File) (*pool.File, error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	fd := -1
	if e := conn.Control(func(old uintptr) { fd, err = dupCloexec(int(old)) }); e != nil {
		return nil, e
	}
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	return pool.NewFile(fd), nil
}

// dupCloexec duplicates a descriptor that programs started meanwhile do not inherit.
func dupCloexec(old int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := syscall.Dup(old)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	return fd, err
}

// writeEntry writes an entry with its body, and publishes it. open is for responses, nil when the entry stays in memory.
func (z *Zone) writeEntry(sum Sum, e *Entry) (open *pool.File, size int64, err error) {
	f, err := z.create(sum)
	if err != nil {
		return nil, 0, err
	}
	h := e.header(crc32.Checksum(e.body, castagnoli))
	b := h.append(make([]byte, 0, headerSize+len(e.text)))
	if _, err = z.disk.write(f, append(b, e.text...)); err == nil {
		_, err = z.disk.write(f, e.body)
	}
	if err == nil && e.length > z.keep {
		open, err = dup(f)
	}
	if err == nil {
		size, err = z.publish(f, sum)
	}
	if err != nil {
		discard(f)
		if open != nil {
			open.Release()
		}
		return nil, 0, err
	}
	_ = f.Close()
	return open, size, nil
}

// discard closes a temporary file and removes it.
func discard(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name())
}
