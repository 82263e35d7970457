package cache

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Config describes a zone: the parameters of proxy_cache_path, but for use_temp_path and those of the purger, which a zone does not
// need: temporary files lie beside their entries, and Purge is at once. The zero value of a field but Name and KeysZone means its default.
type Config struct {
	// Name and KeysZone are those of keys_zone; KeysZone is in bytes, at least 8192, and holds one key for each 128.
	Name     string
	KeysZone int64
	// Path is the directory, which is made when it is missing; empty for a zone that is only in memory. Levels are the lengths of
	// up to three names of directories beneath it, each 1 or 2.
	Path   string
	Levels []int
	// Inactive is after what time an entry is removed that nobody asked for.
	Inactive time.Duration
	// MaxSize and MinFree are in bytes; the manager removes entries when the files take more, or the file system has less. 0 is
	// no bound.
	MaxSize, MinFree int64
	// Manager and Loader are how many files at a time they look at, for how long at most, and how long they sleep in between.
	Manager, Loader Pace

	// Memory bounds the bytes of entries in memory; less than 0 is none.
	Memory int64
	// EntryMemory is the largest body in bytes that is kept in memory.
	EntryMemory int64
	// OpenFiles bounds the files that are kept open, QueueBytes the bytes that wait for being written.
	OpenFiles  int
	QueueBytes int64

	// Log is told of what went wrong, on any goroutine; nil for nobody.
	Log func(error)
}

// Pace is how fast the background work of a zone goes.
type Pace struct {
	Files            int
	Sleep, Threshold time.Duration
}

func (p *Pace) fill() {
	p.Files = positive(p.Files, DefaultFiles)
	p.Sleep = positive(p.Sleep, DefaultSleep)
	p.Threshold = positive(p.Threshold, DefaultThreshold)
}

func positive[T int | int64 | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}

// fill checks a configuration, and puts defaults in.
func (c *Config) fill() error {
	switch {
	case c.Name == "" || c.KeysZone == 0:
		return errors.New("cache: a zone must have a name and a size")
	case c.KeysZone < minKeysZone:
		return fmt.Errorf("cache: the zone %q is too small", c.Name)
	case c.Path == "" && c.Memory < 0:
		return fmt.Errorf("cache: the zone %q has neither a path nor memory", c.Name)
	case len(c.Levels) > 3 || slices.ContainsFunc(c.Levels, func(n int) bool { return n < 1 || n > 2 }):
		return fmt.Errorf("cache: the zone %q has invalid levels", c.Name)
	}
	if c.Memory == 0 {
		c.Memory = DefaultMemory
	}
	c.EntryMemory = positive(c.EntryMemory, DefaultEntryMemory)
	c.OpenFiles = positive(c.OpenFiles, DefaultOpenFiles)
	c.QueueBytes = positive(c.QueueBytes, DefaultQueueBytes)
	c.Inactive = positive(c.Inactive, DefaultInactive)
	if c.MaxSize <= 0 {
		c.MaxSize = math.MaxInt64
	}
	if c.Path != "" {
		c.Path = filepath.Clean(c.Path)
	}
	c.Manager.fill()
	c.Loader.fill()
	return nil
}

// Zone is a cache. Any goroutine may call its methods.
type Zone struct {
	name   string
	path   string
	levels []int
	keep   int64 // the largest body in bytes that is kept in memory, -1 for none
	gather int64 // the largest that is gathered there before it is written
	shards []shard

	inactive atomic.Int64 // ms
	config   atomic.Pointer[Config]
	bytes    atomic.Int64 // of all files, in whole blocks
	block    int64        // of the file system
	cold     atomic.Bool  // the loader has not seen all files
	full     atomic.Bool  // there was no room for a key
	purges   purges
	stats    [statuses]counter

	disk  disk
	stop  chan struct{}
	kick  chan struct{} // wakes the manager
	ended sync.Once
	work  sync.WaitGroup // manager and loader
	refs  int            // guarded by the Registry
	reg   *Registry
}

// Open opens a zone, and begins to load its directory in the background. See Registry for zones that outlive a reload.
func Open(cfg Config) (*Zone, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	z := &Zone{
		name: cfg.Name, path: cfg.Path, levels: slices.Clone(cfg.Levels),
		keep: -1, gather: cfg.EntryMemory, stop: make(chan struct{}), kick: make(chan struct{}, 1),
	}
	z.shards = makeShards(cfg)
	z.Apply(cfg)
	if cfg.Memory > 0 { // no entry takes more than a part of it, so that an entry and its secondary one have room at once
		z.keep = min(cfg.EntryMemory, cfg.Memory/int64(len(z.shards))/4)
	}
	if cfg.Path == "" {
		z.gather = z.keep
	}
	if z.path != "" {
		if err := os.MkdirAll(z.path, 0o700); err != nil {
			return nil, fmt.Errorf("cache: %w", err)
		}
		z.block = blockSize(z.path)
		z.cold.Store(true)
	}
	z.disk.start(cfg.QueueBytes)
	z.work.Go(z.manage)
	if z.path != "" {
		z.work.Go(z.load)
	}
	return z, nil
}

// makeShards divides a zone: into one shard when it is small.
func makeShards(cfg Config) []shard {
	keys, memory := int(cfg.KeysZone/keyCost), max(cfg.Memory, 0)
	n := 1
	for n < maxShards && keys/(2*n) >= minShardKeys && (memory == 0 || memory/int64(2*n) >= minShardMemory) {
		n *= 2
	}
	shards := make([]shard, n)
	for i := range shards {
		shards[i].init()
	}
	return shards
}

// Apply makes the parameters of another configuration effective: sizes, times and Log. Path, Levels, EntryMemory, QueueBytes, and
// whether there is a memory tier at all, are those of Open.
func (z *Zone) Apply(cfg Config) {
	if cfg.fill() != nil {
		return
	}
	n := len(z.shards)
	for i := range z.shards {
		s := &z.shards[i]
		s.mu.Lock()
		s.limit.keys, s.limit.files = max(int(cfg.KeysZone/keyCost)/n, 1), max(cfg.OpenFiles/n, minShardFiles)
		s.limit.memory = max(cfg.Memory, 0) / int64(n)
		s.mu.Unlock()
	}
	z.inactive.Store(cfg.Inactive.Milliseconds())
	z.config.Store(&cfg)
}

// Name returns the name of the zone.
func (z *Zone) Name() string { return z.name }

// shutdown ends the background work, when all that waits to be written has been.
func (z *Zone) shutdown() {
	close(z.stop)
	z.work.Wait()
	z.disk.close()
	for i := range z.shards {
		s := &z.shards[i]
		s.mu.Lock()
		for _, n := range s.nodes {
			z.cool(s, n)
		}
		s.mu.Unlock()
	}
}

func (z *Zone) log(err error) {
	if log := z.config.Load().Log; log != nil {
		log(err)
	}
}
