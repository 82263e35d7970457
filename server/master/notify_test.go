//go:build linux

package master

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNotify is a service manager: it hears of the start, of reloads, good and bad, of an upgrade and of the end.
func TestNotify(t *testing.T) {
	s := newSite(t)
	socket, err := net.ListenPacket("unixgram", s.path("notify"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	t.Setenv(envNotify, s.path("notify"))
	next := func(want string) {
		t.Helper()
		b := make([]byte, 1000)
		_ = socket.SetReadDeadline(time.Now().Add(time.Minute))
		n, _, err := socket.ReadFrom(b)
		if err != nil || !strings.HasPrefix(string(b[:n]), want) {
			t.Fatalf("%q, %v; want %q", b[:n], err, want)
		}
	}
	s.write("daemon off;", "one")
	s.start()
	pid := s.cmd.Process.Pid
	next(fmt.Sprintf("READY=1\nMAINPID=%d", pid))
	s.signal(syscall.SIGHUP)
	next("RELOADING=1\nMONOTONIC_USEC=")
	next("READY=1\n")
	for _, bad := range []string{"nonsense;", "pid nginx.pid; error_log error.log notice; events {} http { server { listen " + s.addr + "; return 200 \"cannot serve\"; } }"} {
		if err := os.WriteFile(s.path("nginx.conf"), []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		s.signal(syscall.SIGHUP)
		next("RELOADING=1\n")
		next("READY=1\n")
	}
	s.write("daemon off;", "two")
	s.signal(syscall.SIGUSR2)
	fresh := s.succeed(pid)
	next(fmt.Sprintf("READY=1\nMAINPID=%d", fresh))
	if code := s.stop(syscall.SIGQUIT); code != 0 { // says nothing: the service goes on
		t.Errorf("exit code %d", code)
	}
	s.kill(fresh, syscall.SIGQUIT)
	next("STOPPING=1")
	s.gone(fresh)
}

// stubborn is a worker that does not end.
type stubborn struct{ Worker }

func (stubborn) Quit(context.Context) error { select {} }

// TestQuitIsBounded: what does not end is left behind, a moment after it was cut.
func TestQuitIsBounded(t *testing.T) {
	done := make(chan struct{})
	began := time.Now()
	cut := quit(stubborn{}, 0, done)
	select {
	case <-done:
		t.Fatal("left behind before it was cut")
	case <-time.After(50 * time.Millisecond):
	}
	cut()
	<-done
	if took := time.Since(began); took < cutGrace || took > time.Minute {
		t.Errorf("left behind after %v", took)
	}
}
