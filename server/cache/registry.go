package cache

import (
	"fmt"
	"slices"
	"sync"
)

// Registry has the zones of a process by name, so that a reload finds those that are there. The zero value is empty. Any goroutine may
// call its methods.
type Registry struct {
	mu    sync.Mutex
	zones map[string]*Zone
}

// Open returns the zone of that name, opened when there is none. One that is there must have the path and the levels it had, as in NGINX
// (which makes another zone for another size); its other parameters stay what they are until Zone.Apply, so a configuration that is given up has changed nothing. Each Open is ended by a Close.
func (g *Registry) Open(cfg Config) (*Zone, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	z := g.zones[cfg.Name]
	if z == nil {
		var err error
		if z, err = Open(cfg); err != nil {
			return nil, err
		}
		if g.zones == nil {
			g.zones = make(map[string]*Zone)
		}
		z.reg = g
		g.zones[cfg.Name] = z
	}
	switch {
	case z.path != cfg.Path:
		return nil, fmt.Errorf("cache: %q uses the path %q while previously it used %q", cfg.Name, cfg.Path, z.path)
	case !slices.Equal(z.levels, cfg.Levels):
		return nil, fmt.Errorf("cache: %q had previously different levels", cfg.Name)
	}
	z.refs++
	return z, nil
}

// Close gives the zone back; with the last Close its background work ends, after what is queued has been written. It blocks.
func (z *Zone) Close() {
	if g := z.reg; g != nil {
		g.mu.Lock()
		z.refs--
		if z.refs > 0 {
			g.mu.Unlock()
			return
		}
		delete(g.zones, z.name)
		g.mu.Unlock()
	}
	z.ended.Do(z.shutdown)
}
