//go:build linux

package master

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestWorkerKilled: a worker that is killed under load is replaced, and clients see only the connections it held.
func TestWorkerKilled(t *testing.T) {
	s := newSite(t)
	s.write("daemon off;", "x")
	s.start()
	l := startLoad(s.addr, 4)
	for i := range 3 {
		before := s.worker()
		killed := time.Now()
		if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		s.until("another worker", func() bool { body, err := get(s.addr, "/pid"); return err == nil && body != fmt.Sprint(before) })
		took := time.Since(killed)
		if took > time.Minute {
			t.Errorf("kill %d: %v until another worker answered", i, took)
		}
		if i == 2 && took < 2*firstPause {
			t.Errorf("kill %d: another worker answered after %v, without a pause", i, took)
		}
		s.logged(fmt.Sprintf("worker process %d exited on signal 9", before), 1)
	}
	if good, faults := l.stop(); len(faults) > 3*4 || good == 0 {
		t.Errorf("%d requests answered, %d failed: %v", good, len(faults), faults)
	}
	s.stop(syscall.SIGQUIT)
}

// TestReplacementReadsWhatWasChecked: a worker that is started again has the configuration that serves, whatever the
// files hold by then.
func TestReplacementReadsWhatWasChecked(t *testing.T) {
	s := newSite(t)
	s.write("daemon off;", "checked")
	s.start()
	before := s.worker()
	if err := os.WriteFile(s.path("nginx.conf"), []byte("broken {"), 0o644); err != nil {
		t.Fatal(err)
	}
	_ = syscall.Kill(before, syscall.SIGKILL)
	s.until("another worker", func() bool { body, err := get(s.addr, "/pid"); return err == nil && body != fmt.Sprint(before) })
	if body := s.get("/"); body != "checked" {
		t.Errorf("%q", body)
	}
	s.stop(syscall.SIGTERM)
}

// TestMasterKilled: workers without a master finish and leave, so that another server can start.
func TestMasterKilled(t *testing.T) {
	s := newSite(t)
	s.write("daemon off;", "x")
	s.start()
	worker := s.worker()
	s.stop(syscall.SIGKILL)
	s.until("the worker has left", func() bool { return syscall.Kill(worker, 0) != nil || zombie(worker) })
	if !strings.Contains(s.log(), "the master process is gone") {
		t.Error("nothing in the log")
	}
	_ = os.Remove(s.path("nginx.pid"))
	s.start()
	s.stop(syscall.SIGTERM)
}

// TestCannotStart: what goes wrong at the start is said on stderr in NGINX's words, and there is no pid file.
func TestCannotStart(t *testing.T) {
	for _, c := range []struct{ main, text, want string }{
		{"daemon off;", "cannot open", "nginx: [emerg] this worker cannot be opened"},
		{"daemon off;", "cannot serve", "nginx: [emerg] this worker cannot serve"},
		{"daemon off; master_process off;", "cannot open", "nginx: [emerg] this worker cannot be opened"},
		{"daemon on;", "cannot serve", "nginx: [emerg] this worker cannot serve"},
		{"daemon off; nonsense;", "x", `nginx: [emerg] unknown directive "nonsense" in `},
		{"daemon on; nonsense;", "x", `nginx: [emerg] unknown directive "nonsense" in `},
		{"daemon off; working_directory none;", "x", `chdir("none") failed (2: No such file or directory)`},
		{"daemon off; pid none/nginx.pid;", "x", `none/nginx.pid" failed (2: No such file or directory)`},
	} {
		s := newSite(t)
		s.write(c.main, c.text)
		if strings.Contains(c.main, "pid ") {
			text := strings.Replace(readFile(t, s.path("nginx.conf")), "pid nginx.pid;\n", "", 1)
			_ = os.WriteFile(s.path("nginx.conf"), []byte(text), 0o644)
		}
		cmd := s.command()
		cmd.Stderr = &s.out
		if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%s %s: %v, want exit code 1", c.main, c.text, err)
		}
		if !strings.Contains(s.out.String()+s.log(), c.want) {
			t.Errorf("%s %s: stderr %q\nlog %s\nwant %q", c.main, c.text, s.out.String(), s.log(), c.want)
		}
		if _, err := os.Stat(s.path("nginx.pid")); err == nil {
			t.Errorf("%s %s: a pid file was left", c.main, c.text)
		}
	}
}

// TestAddressInUse checks NGINX's text, letter by letter.
func TestAddressInUse(t *testing.T) {
	s := newSite(t)
	s.write("daemon off;", "first")
	s.start()
	second := newSite(t)
	second.addr = s.addr
	second.write("daemon off;", "second")
	cmd := second.command()
	cmd.Stderr = &second.out
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("%v, want exit code 1", err)
	}
	line := "nginx: [emerg] bind() to " + s.addr + " failed (98: Address already in use)\n"
	if want := strings.Repeat(line, bindTries) + "nginx: [emerg] still could not bind()\n"; second.out.String() != want {
		t.Errorf("stderr %q, want %q", second.out.String(), want)
	}
	if body := s.get("/"); body != "first" {
		t.Errorf("%q", body)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
