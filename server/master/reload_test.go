//go:build linux

package master

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// TestReloads reloads under load, again and again, with a configuration that says something else each time.
func TestReloads(t *testing.T) {
	const times = 100
	s := newSite(t)
	s.write("daemon off;", "0")
	s.start()
	s.until("a worker that serves", func() bool { body, _ := get(s.addr, "/"); return body == "0" }) // all is open by then that stays open
	before := s.descriptors()
	l, kept := startLoad(s.addr, 3), startKeptLoad(s.addr, 3)
	for i := 1; i <= times; i++ {
		s.write("daemon off;", fmt.Sprint(i))
		s.signal(syscall.SIGHUP)
		s.until("the new configuration", func() bool { return s.get("/") == fmt.Sprint(i) })
	}
	s.logged("worker process", 2*times)
	s.logged("exited with code 0", times)
	l.flawless(t)
	kept.flawless(t)
	s.until("no more descriptors than at the start", func() bool { return s.descriptors() <= before })
	if code := s.stop(syscall.SIGQUIT); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// descriptors is how many the master has open.
func (s *site) descriptors() int {
	s.t.Helper()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	return len(list)
}

func TestReloadsOfOneProcess(t *testing.T) {
	const times = 30
	s := newSite(t)
	s.write("daemon off; master_process off;", "0")
	s.start()
	l, kept := startLoad(s.addr, 3), startKeptLoad(s.addr, 3)
	for i := 1; i <= times; i++ {
		s.write("daemon off; master_process off;", fmt.Sprint(i))
		s.signal(syscall.SIGHUP)
		s.until("the new configuration", func() bool { return s.get("/") == fmt.Sprint(i) })
		if pid := s.worker(); pid != s.cmd.Process.Pid {
			t.Fatalf("process %d answers, not %d", pid, s.cmd.Process.Pid)
		}
	}
	l.flawless(t)
	kept.flawless(t)
	if code := s.stop(syscall.SIGQUIT); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestBadReloads: whatever is wrong with the new configuration, the old one serves on, from the same process.
func TestBadReloads(t *testing.T) {
	taken := nginxtest.FreeAddr(t)
	bad := []struct{ name, text, log string }{
		{"syntax", "events { http", "[emerg]"},
		{"directive", "pid nginx.pid; events {} http { nonsense on; }", `unknown directive "nonsense"`},
		{"user", "pid nginx.pid; user nosuchuser; error_log error.log notice; events {} http { server { listen ADDR; } }", `getpwnam("nosuchuser") failed`},
		{"log", "pid nginx.pid; error_log none/error.log; events {} http { server { listen ADDR; } }", `error.log" failed (2: No such file or directory)`},
		{"port", "pid nginx.pid; error_log error.log notice; events {} http { server { listen " + taken + "; return 200 two; } }",
			"bind() to " + taken + " failed (98: Address already in use)"},
		{"open", "pid nginx.pid; error_log error.log notice; events {} http { server { listen ADDR; return 200 \"cannot open\"; } }", "this worker cannot be opened"},
		{"serve", "pid nginx.pid; error_log error.log notice; events {} http { server { listen ADDR; return 200 \"cannot serve\"; } }", "this worker cannot serve"},
	}
	for _, mode := range []string{"", "master_process off;"} {
		s := newSite(t)
		s.write("daemon off;"+mode, "one")
		s.start()
		other := newSite(t) // holds the port that is taken
		other.addr = taken
		other.write("daemon off;", "other")
		other.start()
		before := s.worker()
		for _, b := range bad {
			if b.name == "user" && os.Getuid() != 0 {
				continue
			}
			text := strings.ReplaceAll(mode+b.text, "ADDR", s.addr)
			if err := os.WriteFile(s.path("nginx.conf"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			s.signal(syscall.SIGHUP)
			s.logged(b.log, 1)
			if pid := s.worker(); pid != before || s.get("/") != "one" {
				t.Errorf("%s%s: process %d answers %q, it was %d", mode, b.name, pid, s.get("/"), before)
			}
		}
		other.stop(syscall.SIGTERM)
		s.write("daemon off;"+mode, "good again")
		s.signal(syscall.SIGHUP)
		s.until("the good configuration", func() bool { return s.get("/") == "good again" })
		s.stop(syscall.SIGTERM)
	}
}

// TestReloadMoves: addresses, the pid file and unix sockets come and go with a reload.
func TestReloadMoves(t *testing.T) {
	for _, mode := range []string{"daemon off;", "daemon off; master_process off;"} {
		s := newSite(t)
		sock, second := s.path("sock"), nginxtest.FreeAddr(t)
		s.writeListen(mode, s.addr+"; listen unix:"+sock, "one")
		s.start()
		if body, err := get(sock, "/"); body != "one" {
			t.Errorf("unix socket: %q, %v", body, err)
		}
		s.writeListen(mode, second, "two")
		s.signal(syscall.SIGHUP)
		s.until("the second address", func() bool { body, _ := get(second, "/"); return body == "two" })
		s.until("the first address is closed", func() bool { _, err := get(s.addr, "/"); return err != nil })
		s.until("the unix socket is gone", func() bool { _, err := os.Lstat(sock); return err != nil })
		s.stop(syscall.SIGTERM)
	}
}

// TestGracefulEnd: a request that runs is answered, one that takes too long is cut.
func TestGracefulEnd(t *testing.T) {
	for _, c := range []struct {
		main, path, want string
		sig              syscall.Signal
	}{
		{"", "/slow", "slow", syscall.SIGQUIT},
		{"master_process off;", "/slow", "slow", syscall.SIGQUIT},
		{"worker_shutdown_timeout 50ms;", "/slow", "", syscall.SIGQUIT},
		{"", "/slow", "", syscall.SIGTERM},
		{"worker_shutdown_timeout 50ms;", "/hang", "", syscall.SIGQUIT},
		{"", "/hang", "", syscall.SIGTERM},
		{"master_process off;", "/hang", "", syscall.SIGTERM},
	} {
		s := newSite(t)
		s.write("daemon off;"+c.main, "x")
		s.start()
		answer := make(chan string)
		go func() { body, _ := get(s.addr, c.path); answer <- body }()
		s.logged(begun, 1)
		s.signal(c.sig)
		if body := <-answer; body != c.want {
			t.Errorf("%q %s %v: %q, want %q", c.main, c.path, c.sig, body, c.want)
		}
		if code := s.wait(); code != 0 || strings.Contains(s.log(), "[alert]") {
			t.Errorf("%q %s %v: exit code %d", c.main, c.path, c.sig, code)
		}
	}
}
