//go:build linux

package master

import (
	"strings"
	"syscall"
	"testing"
)

func TestScaler(t *testing.T) {
	type step struct {
		rate    float64
		workers int
		want    string // the decisions of as many intervals
	}
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"a peak is not a load", []step{{200, 1, "00"}, {50, 1, "0"}, {200, 1, "00"}, {50, 1, "0"}}},
		{"a load is", []step{{150, 1, "00+"}, {150, 2, "0000000"}}},
		{"more and more", []step{{1000, 1, "00+"}, {1000, 2, "00+"}, {1000, 3, "00000000"}}},
		{"falling is slow", []step{{50, 2, "000000000-"}, {0, 1, "0000000000000"}}},
		{"the slack between", []step{{90, 2, "00000000000000"}, {110, 2, "00000000000000"}}},
		{"a lull is no fall", []step{{0, 2, "000000000"}, {150, 2, "0"}, {0, 2, "000000000-"}}},
	} {
		s := newScaler(&Settings{Elastic: Elastic{Rate: 100, Max: 3}})
		for _, st := range c.steps {
			got := ""
			for range st.want {
				got += string("-0+"[s.step(st.rate, st.workers)+1])
			}
			if got != st.want {
				t.Errorf("%s: %v for %d workers: %s, want %s", c.name, st.rate, st.workers, got, st.want)
			}
		}
	}
}

// TestElastic: workers come with the load and go with it, and no request notices.
func TestElastic(t *testing.T) {
	s := newSite(t)
	s.write("daemon off; worker_processes 1 elastic=100r/s max=3;", "x")
	s.start()
	first := s.worker()
	few := startLoad(s.addr, 2)
	more := startLoad(s.addr, 6)
	s.logged("starting another", 2)
	s.logged("start worker process ", 3)
	others := map[int]bool{}
	s.until("three workers", func() bool { others[s.worker()] = true; return len(others) == 3 })
	more.flawless(t)
	few.flawless(t)
	s.logged("retiring", 2)
	s.logged("exited with code 0", 2)
	if pid := s.worker(); pid != first {
		t.Errorf("process %d is left, not the first, %d", pid, first)
	}
	if n := strings.Count(s.log(), "starting another"); n != 2 {
		t.Errorf("%d workers were added", n)
	}
	s.stop(syscall.SIGQUIT)
}
