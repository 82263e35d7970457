//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestInNginxPlace runs the program under nginx's name, and has it found and signalled as Debian's init script does: by pid file, by
// file and by the name of the process. Each of its steps fails in silence when the name is another.
func TestInNginxPlace(t *testing.T) {
	d := newDaemon(t)
	program := filepath.Join(d.dir, "nginx")
	if err := os.Symlink(binary, program); err != nil {
		t.Fatal(err)
	}
	d.write("one", "")
	conf, pidFile := filepath.Join(d.dir, "nginx.conf"), filepath.Join(d.dir, "nginx.pid")
	if out, err := exec.Command(program, "-p", d.dir, "-c", conf, "-e", "error.log").CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v\n%s", err, out)
	}
	pid := d.state().PID
	name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if string(name) != "nginx\n" {
		t.Errorf("the process is called %q", name)
	}
	line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if got, want := strings.TrimRight(strings.ReplaceAll(string(line), "\x00", " "), " "), "nginx: master process "+program+" -p "+d.dir+" -c "+conf+" -e error.log"; got != want {
		t.Errorf("ps shows %q, want %q", got, want)
	}
	if _, err := exec.LookPath("start-stop-daemon"); err != nil {
		t.Skip("start-stop-daemon is not installed")
	}
	control := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("start-stop-daemon", append(args, "--quiet", "--pidfile", pidFile)...).CombinedOutput(); err != nil {
			t.Fatalf("start-stop-daemon %v: %v\n%s", args, err, out)
		}
	}
	control("--status", "--exec", program)
	d.write("two", "")
	control("--stop", "--signal", "HUP", "--name", "nginx")
	until(t, "the reload", func() bool {
		_, text := fetch(t, "http://"+d.addr+"/")
		return text == "two"
	})
	control("--stop", "--signal", "USR1", "--name", "nginx")
	control("--stop", "--signal", "USR2", "--name", "nginx")
	until(t, "a new master", func() bool {
		fresh, err := os.ReadFile(pidFile)
		return err == nil && strings.TrimSpace(string(fresh)) != fmt.Sprint(pid)
	})
	if out, err := exec.Command("start-stop-daemon", "--stop", "--signal", "QUIT", "--name", "nginx", "--pidfile", pidFile+".oldbin").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	until(t, "the end of the old master", func() bool { return syscall.Kill(pid, 0) != nil })
	d.answers("two")
	control("--stop", "--retry", "QUIT/20/TERM/5", "--name", "nginx")
	if _, err := os.Stat(pidFile); err == nil {
		t.Error("a pid file is left")
	}
}
