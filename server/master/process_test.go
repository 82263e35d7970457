//go:build linux

package master

import (
	"strings"
	"syscall"
	"testing"
)

func TestStartAndEnd(t *testing.T) {
	for _, main := range []string{"daemon off;", "daemon off; master_process off;"} {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT} {
			s := newSite(t)
			s.write(main, "hello")
			s.start()
			if body := s.get("/"); body != "hello" {
				t.Errorf("%s: %q", main, body)
			}
			pid, err := readPID(s.path("nginx.pid"))
			if err != nil || pid != s.cmd.Process.Pid {
				t.Errorf("%s: pid file says %d, %v; the process is %d", main, pid, err, s.cmd.Process.Pid)
			}
			if code := s.stop(sig); code != 0 {
				t.Errorf("%s: %v: exit code %d", main, sig, code)
			}
			if _, err := readPID(s.path("nginx.pid")); err == nil {
				t.Errorf("%s: %v: the pid file is left", main, sig)
			}
			if log := s.log(); strings.Contains(log, "[alert]") || strings.Contains(log, "[emerg]") || !strings.Contains(log, ": exit\n") {
				t.Errorf("%s: %v: log:\n%s", main, sig, log)
			}
			if s.out.Len() != 0 {
				t.Errorf("%s: output %q", main, s.out.String())
			}
		}
	}
}
