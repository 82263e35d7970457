package server

import "time"

// watch starts the goroutine that looks at the reactors: an Inline handler that is still the same at the second look has held
// its reactor, and every connection on it, for at least Config.SlowInline.
func (s *Server) watch() {
	every := s.cfg.SlowInline // which a reload does not change
	if every < 0 {
		return
	}
	seen := make([]sight, len(s.loop.Reactors()))
	go func() {
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-s.base.Done():
				return
			case <-t.C:
				s.look(seen, every)
			}
		}
	}()
}

// sight is what was seen of a reactor at the last look.
type sight struct {
	handler uint32 // the number of the handler it was in, 0 for none
	warned  bool
}

func (s *Server) look(seen []sight, every time.Duration) {
	for i, r := range s.loop.Reactors() {
		last := &seen[i]
		route, n := r.Local.(*reactor).watch.Look()
		switch {
		case route == nil:
			*last = sight{}
		case last.handler != n:
			*last = sight{handler: n}
		case !last.warned:
			last.warned = true
			s.runtime.Load().log.Warn("an inline handler holds its reactor", "route", route.Pattern, "reactor", i, "longer_than", every)
		}
	}
}
