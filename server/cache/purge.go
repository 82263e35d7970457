package cache

import (
	"strings"
	"sync"
)

// purges are what was purged while the loader runs: what it has not seen yet is purged as well.
type purges struct {
	mu   sync.Mutex
	list []purge
}

// purge is a key, or the beginning of keys.
type purge struct {
	key    string
	prefix bool
}

func (p purge) match(key string) bool {
	return p.key == key || p.prefix && strings.HasPrefix(key, p.key)
}

func (p *purges) match(key string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, q := range p.list {
		if q.match(key) {
			return true
		}
	}
	return false
}

func (p *purges) add(q purge) {
	p.mu.Lock()
	p.list = append(p.list, q)
	p.mu.Unlock()
}

func (p *purges) forget() {
	p.mu.Lock()
	p.list = nil
	p.mu.Unlock()
}

// Purge removes the entries of a key, secondary ones, too; one that ends in "*" is the beginning of all keys whose entries are removed
// (NGINX Plus: proxy_cache_purge). It returns when their files are gone, and how many there were; it blocks. A response that is being
// stored meanwhile is not touched, nor one that is being sent.
func (z *Zone) Purge(key string) int {
	q := purge{key: key}
	if text, ok := strings.CutSuffix(key, "*"); ok {
		q = purge{text, true}
	}
	if z.cold.Load() {
		z.purges.add(q)
	}
	n := 0
	for i := range z.shards {
		n += z.purgeShard(&z.shards[i], q)
	}
	if z.cold.Load() && !q.prefix {
		n += z.purgeFile(KeyOf([]byte(key)).Sum)
	}
	z.disk.wait()
	return n
}

func (z *Zone) purgeShard(s *shard, q purge) (count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.nodes {
		if n.key == "" && !n.exists || !q.match(n.key) {
			continue
		}
		count++
		z.clear(s, n)
		if !n.busy() {
			z.remove(s, n)
		}
	}
	return count
}

// purgeFile removes a file that the loader has not seen yet.
func (z *Zone) purgeFile(sum Sum) int {
	if !exists(fileName(z.path, z.levels, sum)) {
		return 0
	}
	s := z.shard(&sum)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doomed[sum] > 0 { // it was in the index
		return 0
	}
	z.doom(s, sum)
	return 1
}
