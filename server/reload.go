package server

import (
	"errors"
	"fmt"
	"slices"

	"github.com/wheelpit/wheelpit/loop"
)

// Reload puts another configuration in the place of the present one: requests in flight finish on the old one, listeners
// that both name are kept with their connections, new ones are opened, others closed. On an error nothing has changed.
// What sizes the server (Reactors, MaxConns, Workers, Queue) stays as it was. Listeners are compared by address; options of
// one that is kept do not change. One goroutine at a time may call it.
func (s *Server) Reload(cfg Config) error {
	cfg = cfg.withDefaults()
	rt, err := compile(cfg)
	if err != nil {
		return fmt.Errorf("server: %w", err)
	}
	var opened []*loop.Listener
	var faults []error
	for _, spec := range cfg.Specs {
		if s.listener(spec.Addr) != nil {
			continue
		}
		l, err := s.loop.AddListener(s.own(spec))
		if err != nil {
			faults = append(faults, fmt.Errorf("server: %w", err))
			continue
		}
		opened = append(opened, l)
	}
	if len(faults) > 0 {
		for _, l := range opened {
			s.loop.RemoveListener(l)
		}
		return errors.Join(faults...)
	}
	s.cfg = cfg
	s.runtime.Store(rt)
	s.retire(cfg)
	return nil
}

// listener returns the open listener of an address, nil when there is none.
func (s *Server) listener(addr string) *loop.Listener {
	for _, l := range s.loop.Listeners() {
		if l.Name() == addr {
			return l
		}
	}
	return nil
}

// retire closes the listeners that cfg does not name.
func (s *Server) retire(cfg Config) {
	for _, l := range s.loop.Listeners() {
		named := slices.Contains(cfg.Listen, l.Name())
		for i := range cfg.Specs {
			named = named || cfg.Specs[i].Addr == l.Name()
		}
		if !named {
			s.loop.RemoveListener(l)
		}
	}
}
