//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/master"
)

func (g *gateway) signal(pid int, sig syscall.Signal) {
	g.t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		g.t.Fatalf("%v to %d: %v", sig, pid, err)
	}
}

// ended waits for the end of a process.
func (g *gateway) ended(pid int) {
	g.t.Helper()
	until(g.t, "the end of process "+strconv.Itoa(pid), func() bool { return syscall.Kill(pid, 0) != nil })
}

// serves waits until the server's state is as it should be; while a state is replaced there may be none.
func (g *gateway) serves(what string, so func(s master.State) bool) (s master.State) {
	g.t.Helper()
	until(g.t, what, func() bool {
		var err error
		s, err = master.ReadState(filepath.Join(g.dir, "nginx.pid"))
		return err == nil && so(s)
	})
	return s
}

// worker is the only one that serves the present configuration.
func (g *gateway) worker() int {
	g.t.Helper()
	return g.serves("a worker", func(s master.State) bool { return len(s.Workers) == 1 }).Workers[0]
}

// reload changes the worker, and does not wait for the old one.
func (g *gateway) reload() {
	g.t.Helper()
	old := g.worker()
	g.signal(g.state().PID, syscall.SIGHUP)
	g.serves("another worker", func(s master.State) bool { return len(s.Workers) == 1 && s.Workers[0] != old })
}

// quiet reports what an error log has that nobody should have to read.
func (g *gateway) quiet() {
	g.t.Helper()
	text, _ := os.ReadFile(filepath.Join(g.dir, "error.log"))
	for line := range strings.Lines(string(text)) {
		for _, level := range []string{"[emerg]", "[alert]", "[crit]", "[error]"} {
			if strings.Contains(line, level) {
				g.t.Errorf("the error log has %s", line)
				return
			}
		}
	}
}

// TestReloadsUnderLoad sends 10,000 requests through a gateway that gets a new worker every 100 ms, or as soon as it can.
func TestReloadsUnderLoad(t *testing.T) {
	g := newGateway(t, 2)
	g.configure("", "", "", "")
	g.start()
	pid := g.state().PID
	l := startLoad(t, g.addr, clients, true)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for l.total() < 10_000 && !t.Failed() {
		<-tick.C
		g.signal(pid, syscall.SIGHUP)
	}
	l.end().clean(t, 0)
	s := g.serves("the last reload", func(s master.State) bool { return !s.Reloading && len(s.Retiring) == 0 })
	t.Logf("%d reloads", s.Attempts)
	if s.Attempts < 2 || s.Failed > 0 {
		t.Errorf("%+v", s)
	}
	g.quiet()
}

// TestUpgradeUnderProxiedLoad changes the binary step by step, as NGINX's manual has it: forward, back, and forward again.
func TestUpgradeUnderProxiedLoad(t *testing.T) {
	g := newGateway(t, 2)
	g.configure("", "", "", "")
	g.start()
	old := g.state()
	l := startLoad(t, g.addr, clients, true)
	l.reach(500)
	oldPID := func() int {
		text, _ := os.ReadFile(filepath.Join(g.dir, "nginx.pid.oldbin"))
		pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		return pid
	}
	another := func(s master.State) bool { return s.PID != old.PID && len(s.Workers) > 0 }

	g.signal(old.PID, syscall.SIGUSR2)
	fresh := g.serves("a new master", another)
	if oldPID() != old.PID {
		t.Errorf("nginx.pid.oldbin says %d, not %d", oldPID(), old.PID)
	}
	l.reach(500) // both serve
	g.signal(old.PID, syscall.SIGWINCH)
	for _, w := range old.Workers {
		g.ended(w)
	}
	l.reach(500)                      // the new one serves
	g.signal(old.PID, syscall.SIGHUP) // back
	l.reach(500)
	g.signal(fresh.PID, syscall.SIGQUIT)
	g.ended(fresh.PID)
	g.serves("the old master with its pid file", func(s master.State) bool { return s.PID == old.PID && len(s.Workers) > 0 })
	l.reach(500)
	g.signal(old.PID, syscall.SIGUSR2)
	g.serves("a new master", another)
	g.signal(old.PID, syscall.SIGWINCH)
	g.signal(old.PID, syscall.SIGQUIT)
	g.ended(old.PID)
	l.reach(500)
	l.end().clean(t, 0)
	g.quiet()
}

// TestWorkerIsKilled: what a worker had in hand when it was killed is lost, and nothing else; no connection is refused, since the
// master holds the sockets, and there is an answer again within a second.
func TestWorkerIsKilled(t *testing.T) {
	g := newGateway(t, 2)
	g.configure("", "", "", "")
	g.start()
	l := startLoad(t, g.addr, clients, true)
	for round := range int64(3) {
		l.reach(500)
		s := g.serves("a worker", func(s master.State) bool { return len(s.Workers) == 1 && len(s.Retiring) == 0 })
		g.signal(s.Workers[0], syscall.SIGKILL)
		began := time.Now()
		c := &client{addr: g.addr}
		var fresh ledger
		fresh.first = map[string]string{}
		until(t, "an answer", func() bool {
			c.ask(&fresh, "/size/10", nil)
			return fresh.right.Load() > 0
		})
		c.close()
		took := time.Since(began)
		t.Logf("an answer after %v", took)
		if took > 30*time.Second { // a second, where the machine is not shared
			t.Errorf("no answer for %v", took)
		}
		g.serves("another worker", func(now master.State) bool { return len(now.Workers) == 1 && now.Workers[0] != s.Workers[0] })
		l.reach(500)
		if gone := l.lost.Load() + l.cut.Load(); gone > (round+1)*2*clients || l.wrong.Load()+l.refused.Load()+l.failed.Load() > 0 {
			t.Errorf("%v", &l.ledger)
		}
	}
	l.end()
}

// TestShutdownTimeout: a long download through a gateway whose configuration changes goes on to its end in the old worker;
// one without end is cut when worker_shutdown_timeout is over, and the worker ends.
func TestShutdownTimeout(t *testing.T) {
	for _, c := range []struct {
		name, target string
		whole        bool
	}{{"ends in time", "/size/60000000", true}, {"has no end", "/endless", false}} {
		t.Run(c.name, func(t *testing.T) {
			g := newGateway(t, 1)
			timeout := map[bool]string{true: "60s", false: "1s"}[c.whole]
			g.configure("worker_shutdown_timeout "+timeout+";", "", "", "")
			g.start()
			old := g.worker()
			d := download(t, g.addr, c.target)
			began := time.Now()
			g.reload()
			right, err := d.read()
			if right != c.whole || (err == nil) != c.whole {
				t.Errorf("behind the reload: %v, %v", right, err)
			}
			g.ended(old)
			if took := time.Since(began); !c.whole && took < 700*time.Millisecond {
				t.Errorf("cut after %v", took)
			}
		})
	}
}
