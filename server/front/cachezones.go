package front

import (
	"strconv"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/server/cache"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
)

// cacheZone is a proxy_cache_path. The zone itself is opened with the Runtime.
type cacheZone struct {
	cfg  cache.Config
	zone *cache.Zone
}

// makeCacheZones compiles proxy_cache_path and its like.
func (b *builder) makeCacheZones(s *scope) {
	b.cacheZones = map[string]*cacheZone{}
	for _, name := range []string{"proxy", "fastcgi", "uwsgi", "scgi"} {
		for _, d := range s.own[name+"_cache_path"] {
			z := b.cacheZone(d)
			if z.cfg.Name == "" {
				b.fail(d, `"%s" must have "keys_zone" parameter`, d.Name)
				continue
			}
			if b.cacheZones[z.cfg.Name] != nil {
				b.fail(d, `duplicate zone "%s"`, z.cfg.Name)
				continue
			}
			b.cacheZones[z.cfg.Name] = z
			b.rt.cacheZones = append(b.rt.cacheZones, z)
			b.cacheDirs = append(b.cacheDirs, z.cfg.Path) // made by the master, for the workers
		}
	}
}

// cacheZone compiles one line. Its name stays empty without a valid keys_zone.
func (b *builder) cacheZone(d *conf.Directive) *cacheZone {
	z := &cacheZone{cfg: cache.Config{Path: b.path(d.Args[0])}}
	for _, a := range d.Args[1:] {
		key, text, _ := strings.Cut(a, "=")
		switch read := zoneParameters[key]; {
		case key == "levels":
			b.cacheLevels(d, a, text, &z.cfg)
		case key == "keys_zone":
			b.keysZone(d, a, text, &z.cfg)
		case read == nil:
			b.fail(d, `invalid parameter "%s"`, a)
		case !read(&z.cfg, text):
			b.fail(d, `invalid %s value "%s"`, key, a)
		}
	}
	return z
}

// zoneParameters are the parameters with one value; false is for an invalid one.
var zoneParameters = map[string]func(cfg *cache.Config, text string) bool{
	"inactive": func(cfg *cache.Config, text string) bool {
		n, ok := conf.ParseSec(text)
		cfg.Inactive = time.Duration(n) * time.Second
		return ok
	},
	"max_size": func(cfg *cache.Config, text string) bool {
		ok := readOffset(text, &cfg.MaxSize)
		cfg.MaxSize = max(cfg.MaxSize, 1)
		return ok
	},
	"min_free": func(cfg *cache.Config, text string) bool { return readOffset(text, &cfg.MinFree) },
	"memory": func(cfg *cache.Config, text string) bool {
		ok := readOffset(text, &cfg.Memory)
		if cfg.Memory == 0 {
			cfg.Memory = -1
		}
		return ok
	},
	"manager_files":     func(cfg *cache.Config, text string) bool { return readCount(text, &cfg.Manager.Files) },
	"manager_sleep":     func(cfg *cache.Config, text string) bool { return readSleep(text, &cfg.Manager.Sleep) },
	"manager_threshold": func(cfg *cache.Config, text string) bool { return readSleep(text, &cfg.Manager.Threshold) },
	"loader_files":      func(cfg *cache.Config, text string) bool { return readCount(text, &cfg.Loader.Files) },
	"loader_sleep":      func(cfg *cache.Config, text string) bool { return readSleep(text, &cfg.Loader.Sleep) },
	"loader_threshold":  func(cfg *cache.Config, text string) bool { return readSleep(text, &cfg.Loader.Threshold) },
	"use_temp_path":     noMeaning, "purger": noMeaning, "purger_files": noMeaning, "purger_sleep": noMeaning, "purger_threshold": noMeaning,
}

// noMeaning is for what has no meaning here: files are renamed within the cache's directory, and purging removes them at once.
func noMeaning(*cache.Config, string) bool { return true }

func readOffset(text string, to *int64) (ok bool) {
	*to, ok = conf.ParseOffset(text)
	return ok
}

func readSleep(text string, to *time.Duration) bool {
	ms, ok := conf.ParseMsec(text)
	*to = milliseconds(ms)
	return ok
}

func readCount(text string, to *int) (ok bool) {
	n, err := strconv.Atoi(text)
	*to = n
	return err == nil && n >= 0
}

// cacheLevels reads levels=1:2.
func (b *builder) cacheLevels(d *conf.Directive, a, text string, cfg *cache.Config) {
	for level := range strings.SplitSeq(text, ":") {
		n, err := strconv.Atoi(level)
		if err != nil || n < 1 || n > 2 || len(cfg.Levels) == 3 {
			b.fail(d, `invalid "levels" "%s"`, a)
			return
		}
		cfg.Levels = append(cfg.Levels, n)
	}
}

// keysZone reads keys_zone=NAME:SIZE.
func (b *builder) keysZone(d *conf.Directive, a, text string, cfg *cache.Config) {
	name, size, ok := strings.Cut(text, ":")
	n, good := conf.ParseSize(size)
	if !ok || !good || name == "" || n < 8192 {
		b.fail(d, `invalid keys zone size "%s"`, a)
		return
	}
	cfg.Name, cfg.KeysZone = name, n
}

// open opens the zone, or finds it.
func (z *cacheZone) open(log *errlog.Log) error {
	z.cfg.Log = func(err error) {
		if log != nil {
			log.Printf(errlog.Crit, "%v", err)
		}
	}
	zone, err := zonesOpen.Open(z.cfg)
	if err != nil {
		return err
	}
	zone.Apply(z.cfg)
	z.zone = zone
	return nil
}
