//go:build linux

package master

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// daemon starts the server in the background and returns its process.
func (s *site) daemon() int {
	s.t.Helper()
	if out, err := s.command().CombinedOutput(); err != nil || len(out) > 0 {
		s.t.Fatalf("%v\n%s", err, out)
	}
	return s.pid("nginx.pid")
}

// pid reads a pid file that must be there and whole.
func (s *site) pid(name string) int {
	s.t.Helper()
	pid, err := readPID(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return pid
}

func (s *site) kill(pid int, sig syscall.Signal) {
	s.t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) gone(pid int) {
	s.t.Helper()
	s.until("the end of a process", func() bool { return syscall.Kill(pid, 0) != nil || zombie(pid) })
}

// succeed waits for a new master beside the old one.
func (s *site) succeed(old int) (pid int) {
	s.t.Helper()
	s.until("a new pid file", func() bool {
		var err error
		pid, err = readPID(s.path("nginx.pid"))
		return err == nil && pid != old
	})
	if was := s.pid("nginx.pid" + oldSuffix); was != old {
		s.t.Errorf("%s says %d, not %d", oldSuffix, was, old)
	}
	return pid
}

// TestUpgrade changes the binary under load, some times in a row.
func TestUpgrade(t *testing.T) {
	s := newSite(t)
	s.writeListen("", s.addr+"; listen unix:"+s.path("sock"), "0")
	old := s.daemon()
	l := startLoad(s.addr, 4)
	kept, overUnix := startKeptLoad(s.addr, 2), startLoad(s.path("sock"), 2)
	for _, text := range []string{"1", "2", "3"} {
		s.writeListen("", s.addr+"; listen unix:"+s.path("sock"), text)
		s.kill(old, syscall.SIGUSR2)
		fresh := s.succeed(old)
		s.kill(fresh, syscall.SIGUSR2) // not while the old one runs
		s.logged("the changing binary signal is ignored", int(text[0]-'0'))
		s.kill(old, syscall.SIGQUIT)
		s.gone(old)
		s.until("the new configuration alone", func() bool { return s.get("/") == text })
		if _, err := os.Stat(s.path("nginx.pid" + oldSuffix)); err == nil {
			t.Error("the old pid file is left")
		}
		old = fresh
	}
	l.flawless(t)
	kept.flawless(t)
	overUnix.flawless(t)
	s.kill(old, syscall.SIGQUIT)
	s.gone(old)
	for _, name := range []string{"sock", "nginx.pid"} {
		if _, err := os.Lstat(s.path(name)); err == nil {
			t.Errorf("%s is left", name)
		}
	}
}

// TestUpgradeTakenBack: the old master ends its workers, then the new one is ended, and the old one serves again.
func TestUpgradeTakenBack(t *testing.T) {
	s := newSite(t)
	s.write("", "old")
	old := s.daemon()
	l := startLoad(s.addr, 4)
	s.write("", "new")
	s.kill(old, syscall.SIGUSR2)
	fresh := s.succeed(old)
	s.kill(old, syscall.SIGWINCH)
	s.until("the new one alone", func() bool {
		for range 5 {
			if s.get("/") != "new" {
				return false
			}
		}
		return true
	})
	s.logged("exited with code 0", 1)
	s.kill(old, syscall.SIGHUP) // with a new binary about, it starts workers with the configuration it has
	s.until("the old one again", func() bool { return s.get("/") == "old" })
	s.kill(fresh, syscall.SIGQUIT)
	s.gone(fresh)
	s.until("the old pid file in its place", func() bool { pid, err := readPID(s.path("nginx.pid")); return err == nil && pid == old })
	l.flawless(t)
	if body := s.get("/"); body != "old" {
		t.Errorf("%q", body)
	}
}

// TestUpgradeFails: a new binary that cannot start leaves all as it was.
func TestUpgradeFails(t *testing.T) {
	s := newSite(t)
	s.write("", "old")
	old := s.daemon()
	if err := os.WriteFile(s.path("nginx.conf"), []byte("nonsense;"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.kill(old, syscall.SIGUSR2)
	s.logged(nameBinary, 2) // started, and exited
	s.until("the pid file in its place", func() bool { pid, err := readPID(s.path("nginx.pid")); return err == nil && pid == old })
	if body := s.get("/"); body != "old" {
		t.Errorf("%q", body)
	}
}

// TestUpgradeFromNginx replaces a running nginx by this program, and that by nginx again, under load.
func TestUpgradeFromNginx(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("there is no nginx here")
	}
	s := newSite(t)
	own := s.binary
	s.binary = s.path("server")
	become := func(binary, text string) {
		t.Helper()
		_ = os.Remove(s.binary)
		if err := os.Symlink(binary, s.binary); err != nil {
			t.Fatal(err)
		}
		s.write("env "+envTest+";", text)
	}
	become(nginx, "nginx")
	old := s.daemon()
	s.logged("start worker process ", 1) // before, it would lose the signal
	l := startLoad(s.addr, 4)
	for _, step := range []struct{ binary, text string }{{own, "wheelpit"}, {nginx, "nginx again"}} {
		become(step.binary, step.text)
		s.kill(old, syscall.SIGUSR2)
		fresh := s.succeed(old)
		s.kill(old, syscall.SIGQUIT)
		s.gone(old)
		s.until(step.text, func() bool { return s.get("/") == step.text })
		old = fresh
	}
	l.flawless(t)
	if log := s.log(); strings.Count(log, "using inherited sockets from") != 2 {
		t.Error("the sockets were not inherited")
	}
}
