package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// Temporary files are named after the entry, the process, the life of it, and a number: NAME.PID.LIFE.NUMBER.
var (
	life    = rand.Uint32()
	tempSeq atomic.Uint64
)

func tempName(name string) string {
	return fmt.Sprintf("%s.%d.%08x.%d", name, os.Getpid(), life, tempSeq.Add(1))
}

// abandoned tells whether a temporary file is of a process that is no more.
func abandoned(base string) bool {
	part := strings.Split(base, ".")
	if len(part) != 4 {
		return true
	}
	pid, err := strconv.Atoi(part[1])
	if err != nil || pid <= 0 {
		return true
	}
	if pid == os.Getpid() {
		return part[2] != fmt.Sprintf("%08x", life)
	}
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// load reads the directory once, in steps, and puts what is there into the index. Until it is done, Lookup asks for files that are not
// in the index as well.
func (z *Zone) load() {
	files, began := 0, time.Now()
	_ = filepath.WalkDir(z.path, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // what cannot be read is not served
		}
		z.loadFile(name)
		files++
		pace := z.config.Load().Loader
		if files >= pace.Files || time.Since(began) >= pace.Threshold {
			if !z.sleep(pace.Sleep) {
				return fs.SkipAll
			}
			files, began = 0, time.Now()
		}
		return nil
	})
	select {
	case <-z.stop:
	default:
		z.cold.Store(false)
		z.purges.forget()
	}
}

// sleep returns false when the zone is closed.
func (z *Zone) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-z.stop:
		return false
	}
}

// loadFile puts one file into the index, or removes it when it is no entry: NGINX's loader removes what is too small or has another
// name, too. What does not begin with an entry's name is left alone: it is not ours.
func (z *Zone) loadFile(name string) {
	base := filepath.Base(name)
	stem, _, temp := strings.Cut(base, ".")
	sum, ok := sumOf(stem)
	switch {
	case !ok:
		return
	case temp:
		if abandoned(base) {
			_ = os.Remove(name)
		}
		return
	case name != fileName(z.path, z.levels, sum): // of other levels
		_ = os.Remove(name)
		return
	}
	f, err := os.Open(name)
	if err != nil {
		return
	}
	h, size, err := readHeader(f)
	var key []byte
	if err == nil {
		key = make([]byte, h.keyLen)
		_, err = f.ReadAt(key, headerSize)
	}
	if err != nil {
		z.log(fmt.Errorf("cache: %q: %w", name, err))
		z.removeBad(f, err)
		return
	}
	_ = f.Close()
	z.loaded(sum, string(key), z.blocks(size))
}

// loaded notes a file, unless the entry is known.
func (z *Zone) loaded(sum Sum, key string, size int64) {
	s := z.shard(&sum)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doomed[sum] > 0 || s.nodes[sum] != nil && s.nodes[sum].exists {
		return
	}
	if z.purges.match(key) || s.nodes[sum] == nil && len(s.nodes) >= s.limit.keys {
		z.doom(s, sum)
		return
	}
	n := z.node(s, sum, KeyOf([]byte(key)).Sum, time.Now().UnixMilli())
	n.exists, n.key = true, key
	z.setSize(n, size)
}
