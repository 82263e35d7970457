//go:build linux

package master

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// control runs a verb on the server of the site, within a time that is enough.
func (s *site) control(verb Verb) error {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 60*time.Second)
	defer cancel()
	return Control(ctx, s.path("nginx.pid"), verb, true)
}

func (s *site) state() State {
	s.t.Helper()
	st, err := ReadState(s.path("nginx.pid"))
	if err != nil {
		s.t.Fatal(err)
	}
	return st
}

// TestControlReload: when it returns, the new configuration answers; a bad one is reported and the old one stays.
func TestControlReload(t *testing.T) {
	for _, single := range []string{"", "master_process off;"} {
		s := newSite(t)
		s.write("daemon off;"+single, "one")
		s.start()
		l := startLoad(s.addr, 4)
		for i, text := range []string{"two", "three"} {
			s.write("daemon off;"+single, text)
			if err := s.control(Reload); err != nil {
				t.Fatal(err)
			}
			if got := s.get("/"); got != text {
				t.Errorf("after the reload %q answers, not %q", got, text)
			}
			if st := s.state(); st.Generation != i+2 || st.Attempts != i+1 || st.Failed != 0 || st.PID != s.cmd.Process.Pid {
				t.Errorf("state %+v", st)
			}
		}
		l.flawless(t)
		bad := map[string]string{"nonsense;": "unknown directive", "events {} http { server { listen " + s.addr + "; return 200 \"cannot open\"; } }": "cannot be opened"}
		for text, why := range bad {
			if err := os.WriteFile(s.path("nginx.conf"), []byte("daemon off; pid nginx.pid; error_log error.log; "+single+text), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := s.control(Reload); !errors.Is(err, ErrFailed) {
				t.Errorf("a bad reload: %v", err)
			}
			if !strings.Contains(s.log(), why) || s.get("/") != "three" {
				t.Errorf("%q is not logged, or the old configuration is gone", why)
			}
		}
		if st := s.state(); st.Generation != 3 || st.Failed != 2 || st.Reloading || !slices.Contains(st.ErrorLogs, s.path("error.log")) {
			t.Errorf("state %+v", st)
		}
		if err := s.control(Quit); err != nil {
			t.Error(err)
		}
		if s.wait() != 0 {
			t.Errorf("exit code %d", s.cmd.ProcessState.ExitCode())
		}
		if _, err := os.Stat(s.path("nginx.pid") + stateSuffix); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the state stays: %v", err)
		}
	}
}

// TestControlReopen: when it returns, the log is a new file.
func TestControlReopen(t *testing.T) {
	s := newSite(t)
	s.write("daemon off;", "one")
	s.start()
	if err := os.Rename(s.path("error.log"), s.path("error.log.1")); err != nil {
		t.Fatal(err)
	}
	if err := s.control(Reopen); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.path("error.log")); err != nil {
		t.Error(err)
	}
	if err := s.control(Stop); err != nil {
		t.Error(err)
	}
}

// TestControlUpgrade: when it returns, another master serves alone; a binary that cannot serve is taken back.
func TestControlUpgrade(t *testing.T) {
	for _, daemon := range []bool{true, false} {
		s := newSite(t)
		main, old := "daemon on;", 0
		if daemon {
			s.write(main, "one")
			old = s.daemon()
		} else {
			main = "daemon off;"
			s.write(main, "one")
			s.start()
			old = s.cmd.Process.Pid
		}
		l := startLoad(s.addr, 4)
		s.write(main, "two")
		if err := s.control(Upgrade); err != nil {
			t.Fatal(err)
		}
		l.flawless(t)
		st := s.state()
		if st.PID == old || s.pid("nginx.pid") != st.PID || s.get("/") != "two" {
			t.Errorf("state %+v, the old one is %d, %q answers", st, old, s.get("/"))
		}
		if _, err := os.Stat(s.path("nginx.pid" + oldSuffix)); err == nil {
			t.Error("the old pid file is there")
		}
		if !daemon {
			s.wait() // or the old one stays a zombie
		}
		s.write(main, "cannot open")
		if err := s.control(Upgrade); !errors.Is(err, ErrFailed) {
			t.Errorf("an upgrade to what cannot serve: %v", err)
		}
		if now := s.state(); now.PID != st.PID || now.FailedUpgrades != 1 || s.get("/") != "two" {
			t.Errorf("state %+v, was %+v", now, st)
		}
		s.until("the pid file is back", func() bool { pid, err := readPID(s.path("nginx.pid")); return err == nil && pid == st.PID })
		if err := s.control(Quit); err != nil {
			t.Error(err)
		}
		s.gone(st.PID)
	}
}

// TestControlErrors: nobody to signal, somebody who tells nothing, and a wait that ends.
func TestControlErrors(t *testing.T) {
	s := newSite(t)
	if err := s.control(Reload); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a pid file: %v", err)
	}
	if err := writePID(s.path("nginx.pid")); err != nil { // of this process
		t.Fatal(err)
	}
	defer func() { _ = os.Remove(s.path("nginx.pid")) }()
	if err := s.control(Reload); err == nil || !strings.Contains(err.Error(), "does not tell its state") {
		t.Errorf("without a state: %v", err)
	}
	if err := s.control("dance"); err == nil {
		t.Error("a verb that is none")
	}
	_ = os.Remove(s.path("nginx.pid"))
	s.write("daemon off; worker_shutdown_timeout 3s;", "one")
	s.start()
	go func() { _, _ = get(s.addr, "/slow") }()
	s.logged(begun, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := Control(ctx, s.path("nginx.pid"), Quit, true); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a wait that is too short: %v", err)
	}
}

// TestWatchdog: signs of life come by themselves, also without a master, whose environment is cleared.
func TestWatchdog(t *testing.T) {
	for _, single := range []string{"", "master_process off;"} {
		s := newSite(t)
		socket, err := net.ListenPacket("unixgram", s.path("notify"))
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv(envNotify, s.path("notify"))
		t.Setenv(envWatchdog, "100000")
		s.write("daemon off;"+single, "one")
		s.start()
		var told []string
		b := make([]byte, 1000)
		ready := -1 // which of them says so: a start that takes longer than the interval is kept alive before
		for ready < 0 || len(told) < ready+4 {
			_ = socket.SetReadDeadline(time.Now().Add(time.Minute))
			n, _, err := socket.ReadFrom(b)
			if err != nil {
				t.Fatal(err)
			}
			told = append(told, string(b[:n]))
			if ready < 0 && strings.HasSuffix(told[len(told)-1], "STATUS=serving, configuration 1") {
				ready = len(told) - 1
			}
		}
		if told[ready+2] != "WATCHDOG=1" || told[ready+3] != "WATCHDOG=1" {
			t.Errorf("%q", told)
		}
		if code := s.stop(syscall.SIGQUIT); code != 0 {
			t.Errorf("exit code %d", code)
		}
		_ = socket.Close()
	}
}
