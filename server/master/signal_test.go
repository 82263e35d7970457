//go:build linux

package master

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// run runs the program to its end and returns what it wrote to stderr.
func (s *site) run(args ...string) (stderr string, code int) {
	s.t.Helper()
	cmd := s.command(args...)
	var b strings.Builder
	cmd.Stderr = &b
	_ = cmd.Run()
	return b.String(), cmd.ProcessState.ExitCode()
}

// TestSignalOption drives a server in the background by -s.
func TestSignalOption(t *testing.T) {
	s := newSite(t)
	s.write("", "one")
	want := `nginx: [error] open() "` + s.path("nginx.pid") + `" failed (2: No such file or directory)` + "\n"
	if out, code := s.run("-s", "stop"); out != want || code != 1 {
		t.Errorf("no pid file: %d %q, want %q", code, out, want)
	}
	_ = os.WriteFile(s.path("nginx.pid"), []byte("many\n"), 0o644)
	want = `nginx: [error] invalid PID number "many" in "` + s.path("nginx.pid") + "\"\n"
	if out, code := s.run("-s", "stop"); out != want || code != 1 {
		t.Errorf("no number: %d %q, want %q", code, out, want)
	}
	pid := s.daemon()
	s.write("", "two")
	if out, code := s.run("-s", "reload"); out != "" || code != 0 {
		t.Errorf("reload: %d %q", code, out)
	}
	s.until("the new configuration", func() bool { return s.get("/") == "two" })
	if out, code := s.run("-s", "reopen"); out != "" || code != 0 {
		t.Errorf("reopen: %d %q", code, out)
	}
	s.logged("reopening logs", 3) // the signal's line, the master's and the worker's
	if out, code := s.run("-squit"); out != "" || code != 0 {
		t.Errorf("quit: %d %q", code, out)
	}
	s.gone(pid)
	pid = s.daemon()
	if out, code := s.run("-s", "stop"); out != "" || code != 0 {
		t.Errorf("stop: %d %q", code, out)
	}
	s.gone(pid)
}

// TestReopen: after a rotation lines go to new files, those that workers write belong to the workers' user, and none is
// lost.
func TestReopen(t *testing.T) {
	for _, mode := range []string{"", "master_process off;"} {
		s := newSite(t)
		s.write("daemon off;"+mode, "x")
		s.start()
		s.get("/logged")
		for _, name := range []string{"access.log", "error.log"} {
			if err := os.Rename(s.path(name), s.path(name+".1")); err != nil {
				t.Fatal(err)
			}
		}
		s.get("/logged")
		s.until("the second line", func() bool { return strings.Count(readFile(t, s.path("access.log.1")), "logged\n") == 2 })
		s.signal(syscall.SIGUSR1)
		s.until("the new log", func() bool {
			s.get("/logged")
			_, err := os.Stat(s.path("access.log"))
			return err == nil && len(readFile(t, s.path("access.log"))) > 0
		})
		if old := readFile(t, s.path("access.log.1")); strings.Count(old, "logged\n") < 2 {
			t.Errorf("old access log %q", old)
		}
		if os.Getuid() == 0 && mode == "" {
			nobody, err := user.Lookup("nobody")
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"access.log", "error.log"} {
				st, err := os.Stat(s.path(name))
				if err != nil {
					t.Fatal(err)
				}
				if uid := strconv.Itoa(int(st.Sys().(*syscall.Stat_t).Uid)); uid != nobody.Uid {
					t.Errorf("%s belongs to %s", name, uid)
				}
			}
		}
		s.stop(syscall.SIGTERM)
		if !strings.HasSuffix(s.log(), ": exit\n") {
			t.Errorf("new error log %q", s.log())
		}
	}
}

// TestWindowChange: a terminal whose window changes does not end a server in the foreground.
func TestWindowChange(t *testing.T) {
	s := newSite(t)
	s.write("daemon off;", "x")
	s.start()
	before := s.worker()
	s.signal(syscall.SIGWINCH)
	s.kill(before, syscall.SIGWINCH)
	s.logged("(SIGWINCH) received", 1)
	if pid := s.worker(); pid != before {
		t.Errorf("process %d answers, it was %d", pid, before)
	}
	s.stop(syscall.SIGTERM)
}

// TestWorkerRights: user, environment, limits, niceness, processors and directory of a worker are what the configuration says.
func TestWorkerRights(t *testing.T) {
	t.Setenv("SECRET_OF_THE_SHELL", "x")
	t.Setenv("KEPT", "kept")
	s := newSite(t)
	u, err := user.Lookup("www-data")
	as := ""
	if err == nil && os.Getuid() == 0 {
		as = "user www-data;"
	}
	s.write("daemon off; env KEPT; env GIVEN=given; worker_cpu_affinity 01; worker_rlimit_nofile 500; worker_priority 3; working_directory "+s.dir+";"+as, "x")
	s.start()
	pid := s.worker()
	env := s.get("/env")
	if strings.Contains(env, "SECRET") || !strings.Contains(env, "KEPT=kept") || !strings.Contains(env, "GIVEN=given") ||
		strings.Contains(env, envRole) {
		t.Errorf("environment:\n%s", env)
	}
	if dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err != nil || dir != s.dir {
		t.Errorf("directory %s, %v", dir, err)
	}
	limits := strings.Join(strings.Fields(readFile(t, fmt.Sprintf("/proc/%d/limits", pid))), " ")
	if !strings.Contains(limits, "Max open files 500 500") {
		t.Errorf("limits: %s", limits)
	}
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		stat := readFile(t, fmt.Sprintf("/proc/%d/task/%s/stat", pid, task.Name()))
		_, rest, _ := strings.Cut(stat, ") ")
		if nice := strings.Fields(rest)[16]; nice != "3" {
			t.Errorf("thread %s of %d has niceness %s", task.Name(), len(tasks), nice)
		}
		status := strings.Join(strings.Fields(readFile(t, fmt.Sprintf("/proc/%d/task/%s/status", pid, task.Name()))), " ")
		if !strings.Contains(status, " Cpus_allowed_list: 0 ") {
			t.Errorf("thread %s of %d may run elsewhere: %s", task.Name(), len(tasks), status)
		}
	}
	for _, line := range []string{" nginx/" + compatible + " (wheelpit/", " OS: ", " getrlimit(RLIMIT_NOFILE): ", " start worker processes", fmt.Sprintf(" start worker process %d", pid)} {
		s.logged(line, 1)
	}
	if as != "" {
		status := strings.Join(strings.Fields(readFile(t, fmt.Sprintf("/proc/%d/status", pid))), " ")
		four := strings.Repeat(u.Uid+" ", 4)
		if !strings.Contains(status, "Uid: "+four) || !strings.Contains(status, "Gid: "+four) || !strings.Contains(status, "Groups: "+u.Gid+" ") {
			t.Errorf("status: %s", status)
		}
	}
	if cmdline := readFile(t, fmt.Sprintf("/proc/%d/cmdline", pid)); !strings.HasSuffix(cmdline, ": worker process\x00") {
		t.Errorf("command line %q", cmdline)
	}
	s.stop(syscall.SIGTERM)
}

// TestClosedStderr: without a standard error the server starts, and its log holds no other's lines.
func TestClosedStderr(t *testing.T) {
	s := newSite(t)
	s.write("daemon off;", "x")
	cmd := s.command()
	script := `exec "$@" 2>&- <&- >&-`
	cmd.Args = append([]string{"sh", "-c", script, "sh"}, cmd.Args...)
	cmd.Path = "/bin/sh"
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.cmd = cmd
	s.until("the pid file", func() bool { _, err := os.Stat(s.path("nginx.pid")); return err == nil })
	if body := s.get("/"); body != "x" {
		t.Errorf("%q", body)
	}
	if code := s.stop(syscall.SIGQUIT); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if log := s.log(); strings.Contains(log, "[alert]") || !strings.Contains(log, "exited with code 0") {
		t.Errorf("log:\n%s", log)
	}
}

// TestStderr: until the server serves, standard error has the warnings, each once; afterwards it is the error log's,
// whichever file that is by then.
func TestStderr(t *testing.T) {
	s := newSite(t)
	s.write("daemon off; thread_pool x threads=1;", "x")
	s.start()
	worker := s.worker()
	for _, pid := range []int{s.cmd.Process.Pid, worker} {
		if to, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/2", pid)); err != nil || to != s.path("error.log") {
			t.Errorf("stderr of %d is %s, %v", pid, to, err)
		}
	}
	if err := os.Rename(s.path("error.log"), s.path("error.log.1")); err != nil {
		t.Fatal(err)
	}
	s.signal(syscall.SIGUSR1)
	for _, pid := range []int{s.cmd.Process.Pid, worker} {
		s.until("stderr follows", func() bool {
			to, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/2", pid))
			return to == s.path("error.log")
		})
	}
	s.stop(syscall.SIGTERM)
	if n := strings.Count(s.out.String(), `nginx: [warn] the "thread_pool" directive`); n != 1 || strings.Count(s.out.String(), "\n") != 1 {
		t.Errorf("output %q", s.out.String())
	}
	out, code := s.run("-g", "daemon on;")
	if code != 1 || !strings.Contains(out, `"daemon" directive is duplicate`) {
		t.Errorf("%d %q", code, out)
	}
	s.write("thread_pool x threads=1;", "x")
	cmd := s.command()
	cmd.Stderr = &s.out
	s.out.Reset()
	if err := cmd.Run(); err != nil || strings.Count(s.out.String(), "\n") != 1 {
		t.Errorf("in the background: %v, output %q", err, s.out.String())
	}
}
