package master

import (
	"runtime"
	"syscall"
	"time"

	"github.com/wheelpit/wheelpit/server/errlog"
)

const (
	// riseAfter is how many intervals in a row the rate must be above what the workers are meant for before another one is
	// started, fallAfter how many it must be below what one fewer could do, with slack, before one is retired. Rising is
	// quick, as clients wait; falling is slow, as a worker that is retired takes its caches with it.
	riseAfter, fallAfter = 3, 10
	// slack is the share of the lower number's rate that the load must stay below, so that the worker that was retired is
	// not started again at once.
	slack = 0.8
)

// interval is how often workers report what they have served; 0 without elasticity.
func (e *Elastic) interval() time.Duration {
	switch {
	case e.Rate <= 0:
		return 0
	case e.Interval > 0:
		return e.Interval
	}
	return time.Second
}

// scaler decides how many workers there should be.
type scaler struct {
	rate        float64 // requests a second that one worker is meant for
	least, most int
	high, low   int // intervals in a row
}

func newScaler(s *Settings) scaler {
	most := s.Elastic.Max
	if most == 0 {
		most = runtime.NumCPU()
	}
	least := max(s.Processes, 1)
	return scaler{rate: float64(s.Elastic.Rate), least: least, most: max(most, least)}
}

// step takes the rate of all workers in one interval, and returns +1 for one more worker, -1 for one fewer, or 0.
func (s *scaler) step(rate float64, workers int) int {
	if rate > s.rate*float64(workers) {
		s.high++
	} else {
		s.high = 0
	}
	if rate < s.rate*float64(workers-1)*slack {
		s.low++
	} else {
		s.low = 0
	}
	switch {
	case s.high >= riseAfter && workers < s.most:
		s.high = 0
		return 1
	case s.low >= fallAfter && workers > s.least:
		s.low = 0
		return -1
	}
	return 0
}

// watchRate looks at the rate of g at every interval, as long as g is in use.
func (m *master) watchRate(g *generation) {
	every := g.conf.Elastic.interval()
	if every == 0 {
		return
	}
	m.served, m.scaler = 0, newScaler(&g.conf.Settings)
	begin := time.Now()
	var look func()
	look = func() {
		if m.current != g || m.ending() {
			return
		}
		rate := float64(m.served) / time.Since(begin).Seconds()
		m.served, begin = 0, time.Now()
		m.scale(g, rate)
		m.later(every, look)
	}
	m.later(every, look)
}

// scale starts or retires a worker. One that is starting counts, so that a slow start does not bring further ones.
func (m *master) scale(g *generation, rate float64) {
	list := m.workers(func(p *process) bool { return p.gen == g && !p.exiting })
	if m.noaccept || len(list) == 0 {
		return
	}
	switch m.scaler.step(rate, len(list)) {
	case 1:
		m.log.Printf(errlog.Notice, "%.0f requests a second for %d workers, starting another", rate, len(list))
		m.startWorker(g)
	case -1:
		youngest := list[len(list)-1]
		m.log.Printf(errlog.Notice, "%.0f requests a second for %d workers, retiring %d", rate, len(list), youngest.pid)
		m.tell(youngest, syscall.SIGQUIT)
	}
}
