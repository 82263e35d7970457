//go:build linux

package master

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestCheck compares -t and -T with nginx's, byte by byte, on stderr and stdout.
func TestCheck(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("there is no nginx here")
	}
	for _, c := range []struct{ name, main, args string }{
		{"good", "daemon off;", "-t"},
		{"quiet", "daemon off;", "-tq"},
		{"dump", "daemon off; include more.conf;", "-T"},
		{"quiet dump", "daemon off; include more.conf; include more.conf;", "-qT"},
		{"unknown", "nonsense on;", "-t"},
		{"user", "user nosuchuser;", "-t"},
		{"missing include", "include none.conf;", "-t"},
		{"global", "", "-t -g |daemon off; master_process off;"},
		{"wrong global", "", "-t -g |nonsense;"},
		{"no log", "error_log none/error.log;", "-t"},
	} {
		s := newSite(t)
		s.write(c.main, "x")
		if err := os.WriteFile(s.path("more.conf"), []byte("# more\nworker_priority 0;\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(c.main, "include more.conf; include") {
			_ = os.WriteFile(s.path("more.conf"), []byte("# twice"), 0o644)
		}
		run := func(binary string) (string, string, int) {
			s.binary = binary
			cmd := s.command(split(c.args)...)
			var stdout, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			_ = cmd.Run()
			return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
		}
		wantOut, wantErr, wantCode := run(nginx)
		_ = os.Remove(s.path("nginx.pid"))
		out, errText, code := run(os.Args[0])
		if c.name == "user" { // nginx names the line, which the Build under test does not
			wantErr = strings.ReplaceAll(wantErr, " in "+s.path("nginx.conf")+":3", "")
		}
		if out != wantOut || errText != wantErr || code != wantCode {
			t.Errorf("%s: exit code %d\n%s%s\nnginx: %d\n%s%s", c.name, code, out, errText, wantCode, wantOut, wantErr)
		}
		if _, err := os.Stat(s.path("nginx.pid")); err == nil {
			t.Errorf("%s: a test has left a pid file", c.name)
		}
	}
}

// TestCheckBinds: an address that cannot be had is a fault, one that is in use is not, and no socket is left.
func TestCheckBinds(t *testing.T) {
	s := newSite(t)
	s.writeListen("daemon off;", s.addr+"; listen unix:"+s.path("sock"), "x")
	s.start()
	if out, code := s.run("-tq"); out != "" || code != 0 {
		t.Errorf("while the server runs: %d %q", code, out)
	}
	s.stop(syscall.SIGTERM)
	if out, code := s.run("-tq"); out != "" || code != 0 {
		t.Errorf("afterwards: %d %q", code, out)
	}
	if _, err := os.Lstat(s.path("sock")); err == nil {
		t.Error("the test has left a unix socket")
	}
	s.writeListen("daemon off;", "203.0.113.1:80", "x")
	want := "nginx: [emerg] bind() to 203.0.113.1:80 failed (99: Cannot assign requested address)\n" +
		"nginx: configuration file " + s.path("nginx.conf") + " test failed\n"
	if out, code := s.run("-tq"); out != want || code != 1 {
		t.Errorf("a foreign address: %d %q, want %q", code, out, want)
	}
}

// TestVersionAndHelp: they are written to stderr, and end the program with 0.
func TestVersionAndHelp(t *testing.T) {
	for arg, want := range map[string]string{"-v": "nginx version: nginx/", "-V": "configure arguments: --", "-h": "Usage: nginx [-?hvVtTq]", "-?": "  -s signal "} {
		cmd := exec.Command(os.Args[0], arg)
		cmd.Env = append(os.Environ(), envTest+"=1")
		var stdout, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil || stdout.Len() > 0 || !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: %v, stdout %q, stderr %q", arg, err, stdout.String(), stderr.String())
		}
	}
}
