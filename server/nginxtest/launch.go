package nginxtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Launch runs nginx in dir until the test ends and returns the address at which it listens, "127.0.0.1:port". conf makes the whole
// configuration for that address; its pid file is dir/pid.
//
// The port is free when it is looked for and may be another process's when nginx binds it. What tells that it is nginx's is the
// pid file, which nginx writes behind the last of its sockets; that the port answers would tell nothing.
func Launch(tb testing.TB, dir string, conf func(addr string) string) (addr string) {
	tb.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		tb.Skip("install nginx to compare with it")
	}
	for range 10 {
		addr = FreeAddr(tb)
		said := launch(tb, nginx, dir, conf(addr))
		if said == "" {
			return addr
		}
		if !strings.Contains(said, "Address already in use") {
			tb.Skipf("nginx does not start here: %s", said)
		}
	}
	tb.Fatal("no port was left to nginx ten times in a row")
	return ""
}

// launch returns "" when nginx listens, and what it said when it ended instead.
func launch(tb testing.TB, nginx, dir, conf string) string {
	tb.Helper()
	file, pid := filepath.Join(dir, "nginx.conf"), filepath.Join(dir, "pid")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		tb.Fatal(err)
	}
	_ = os.Remove(pid)
	cmd := exec.Command(nginx, "-c", file, "-p", dir)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	tb.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if b, _ := os.ReadFile(pid); strings.TrimSpace(string(b)) == fmt.Sprint(cmd.Process.Pid) {
			return ""
		}
		select {
		case <-ended:
			return "nginx: " + said.String()
		default:
		}
		if time.Since(begun) > time.Minute {
			tb.Fatal("nginx does not come up")
		}
	}
}
