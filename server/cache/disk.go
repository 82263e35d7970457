package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// disk is the goroutine that changes files, and what waits for it.
type disk struct {
	mu      sync.Mutex
	some    sync.Cond
	jobs    []job
	waiting int64 // bytes
	limit   int64
	closed  bool
	busy    bool // jobs are done
	ended   sync.WaitGroup

	failing bool // the last file could not be written; only for the goroutine
	write   func(f *os.File, p []byte) (int, error)
}

type job struct {
	cost int64
	run  func()
}

func (d *disk) start(limit int64) {
	d.limit, d.some.L, d.write = limit, &d.mu, (*os.File).Write
	d.ended.Go(d.loop)
}

// add queues a job that keeps cost bytes in memory. It returns false when there is no room for them; one without is always
// accepted, until the zone is closed.
func (d *disk) add(cost int64, run func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || cost > 0 && d.waiting > 0 && d.waiting+cost > d.limit {
		return false
	}
	d.waiting += cost
	d.jobs = append(d.jobs, job{cost, run})
	d.some.Signal()
	return true
}

// idle tells whether all that was queued is done.
func (d *disk) idle() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.jobs) == 0 && !d.busy
}

// wait returns when all that was queued before it has been done.
func (d *disk) wait() {
	done := make(chan struct{})
	if d.add(0, func() { close(done) }) {
		<-done
	}
}

// Settle waits until what was queued before has been written, for limit at most, and tells whether it has. It is for who fills the zone
// piece by piece: pieces that come faster than the disk takes them would fill the queue, and those that find it full are lost.
func (z *Zone) Settle(limit time.Duration) bool {
	if z.disk.idle() {
		return true
	}
	done := make(chan struct{})
	if !z.disk.add(0, func() { close(done) }) {
		return false
	}
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-done:
		return true
	case <-t.C:
		return false
	}
}

func (d *disk) close() {
	d.mu.Lock()
	d.closed = true
	d.some.Signal()
	d.mu.Unlock()
	d.ended.Wait()
}

func (d *disk) loop() {
	var jobs []job
	for {
		d.mu.Lock()
		d.busy = false
		for len(d.jobs) == 0 && !d.closed {
			d.some.Wait()
		}
		if len(d.jobs) == 0 {
			d.mu.Unlock()
			return
		}
		jobs, d.jobs, d.busy = d.jobs, jobs[:0], true
		d.mu.Unlock()
		for i := range jobs {
			d.do(&jobs[i])
		}
	}
}

func (d *disk) do(j *job) {
	j.run()
	d.mu.Lock()
	d.waiting -= j.cost
	d.mu.Unlock()
	*j = job{}
}

// failed logs an error, but not each time while nothing can be written.
func (z *Zone) failed(err error) {
	if !z.disk.failing {
		z.disk.failing = true
		z.log(fmt.Errorf("cache: zone %q: entries are not stored: %w", z.name, err))
	}
}

// unlink removes the file of a sum.
func (z *Zone) unlink(s *shard, sum Sum) {
	if err := os.Remove(fileName(z.path, z.levels, sum)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		z.log(fmt.Errorf("cache: zone %q: %w", z.name, err))
	}
	s.mu.Lock()
	if s.doomed[sum]--; s.doomed[sum] <= 0 {
		delete(s.doomed, sum)
	}
	s.mu.Unlock()
}

// verify looks whether the file of an entry in memory is still there: who empties the directory wants the entries gone.
func (z *Zone) verify(sum Sum) {
	if exists(fileName(z.path, z.levels, sum)) {
		return
	}
	s := z.shard(&sum)
	s.mu.Lock()
	if n := s.nodes[sum]; n != nil && n.saving == nil && n.size > 0 && s.doomed[sum] == 0 {
		z.setSize(n, 0)
		z.clear(s, n)
	}
	s.mu.Unlock()
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// create makes a temporary file beside the place of a sum.
func (z *Zone) create(sum Sum) (*os.File, error) {
	name := tempName(fileName(z.path, z.levels, sum))
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(name), 0o700); err == nil {
			f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		}
	}
	return f, err
}

// publish gives a complete temporary file its name, and returns its size on disk.
func (z *Zone) publish(f *os.File, sum Sum) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if err := os.Rename(f.Name(), fileName(z.path, z.levels, sum)); err != nil {
		return 0, err
	}
	z.disk.failing = false
	return z.blocks(info.Size()), nil
}

// blocks rounds a size up to whole blocks of the file system, and to one for a file without content.
func (z *Zone) blocks(size int64) int64 {
	return max((size+z.block-1)/z.block, 1) * z.block
}
