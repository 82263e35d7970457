package nginxtest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
)

// The ports that are handed out lie below those that the kernel gives to clients and to who listens on port 0 (32768 and up), and
// above those that are somebody's by habit.
const firstPort, ports = 20000, 12000

// nextPort counts through them from a place of each process's own, so that no two tests, and hardly ever two processes, look at
// the same port between the look and the start of a server.
var nextPort atomic.Uint32

func init() { nextPort.Store(rand.Uint32N(ports)) }

// FreePort returns a port at which nobody listens, for a server that reads it in its configuration. No port is returned twice.
// Where the test listens itself, port 0 is certain and this is not.
func FreePort(tb testing.TB) string {
	tb.Helper()
	for range ports {
		port := strconv.Itoa(firstPort + int(nextPort.Add(1)%ports))
		if l, err := net.Listen("tcp", ":"+port); err == nil {
			_ = l.Close()
			return port
		}
	}
	tb.Fatal("no free port")
	return ""
}

// FreeAddr returns "127.0.0.1:port" with a FreePort.
func FreeAddr(tb testing.TB) string {
	tb.Helper()
	return net.JoinHostPort("127.0.0.1", FreePort(tb))
}
