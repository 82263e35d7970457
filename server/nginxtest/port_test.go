package nginxtest

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Two processes never hand out the same port, and one does not for long.
func TestPortsOfProcessesDiffer(t *testing.T) {
	if ownBlock().claim == nil {
		t.Skip("there is no block of ports for this process: on Linux, there are too many of them")
	}
	if os.Getenv("WHEELPIT_TEST_PORTS") != "" {
		for range 50 {
			_, _ = os.Stdout.WriteString("port " + FreePort(t) + "\n")
		}
		return
	}
	seen := map[string]bool{}
	for range blockSize / 2 {
		port := FreePort(t)
		if seen[port] {
			t.Fatalf("port %s came twice", port)
		}
		seen[port] = true
	}
	cmd := exec.Command(os.Args[0], "-test.v", "-test.run=^TestPortsOfProcessesDiffer$")
	cmd.Env = append(os.Environ(), "WHEELPIT_TEST_PORTS=1")
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "--- SKIP") {
		t.Skip("there is no block of ports for another process")
	}
	if n := strings.Count(string(out), "port "); err != nil || n < 50 {
		t.Fatalf("%d ports, %v: %s", n, err, out)
	}
	for line := range strings.Lines(string(out)) {
		if port, ok := strings.CutPrefix(strings.TrimSpace(line), "port "); ok && seen[port] {
			t.Errorf("port %s is the other's as well", port)
		}
	}
}

func TestFreePortSkipsTheTaken(t *testing.T) {
	first := FreePort(t)
	b := ownBlock()
	b.next.Add(^uint32(0)) // so that it is the next again
	l, err := net.Listen("tcp", ":"+first)
	if err != nil {
		t.Skipf("port %s was taken meanwhile: %v", first, err)
	}
	defer func() { _ = l.Close() }()
	if next := FreePort(t); next == first {
		t.Errorf("port %s is taken, and was returned", first)
	}
}
