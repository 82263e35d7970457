package nginxtest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// The ports that are handed out lie below those that the kernel gives to clients and to who listens on port 0 (32768 and up), and
// above those that are somebody's by habit. They are cut into blocks, of which each process takes one for itself: between the look
// at a port and the start of the server that is to have it, which may be a second, the tests of another package would else take it
// now and then.
const (
	firstPort = 20000
	blockSize = 1000
	blocks    = 12
)

// block is the part of the ports that this process hands out, and claim what tells the others that it is taken: a unix socket that
// has no file, and ends with the process.
type block struct {
	first, size uint32
	claim       net.Listener
	next        atomic.Uint32
}

var ownBlock = sync.OnceValue(func() *block {
	from := rand.Uint32N(blocks)
	for i := range uint32(blocks) {
		if runtime.GOOS != "linux" { // it would be a file
			break
		}
		n := (from + i) % blocks
		if l, err := net.Listen("unix", fmt.Sprintf("@wheelpit-test-ports-%d", n)); err == nil {
			return &block{first: firstPort + n*blockSize, size: blockSize, claim: l}
		}
	}
	b := &block{first: firstPort, size: blocks * blockSize}
	b.next.Store(rand.Uint32N(b.size))
	return b
})

// FreePort returns a port at which nobody listens, for a server that reads it in its configuration. A thousand others are returned
// before it is returned again. Where the test listens itself, port 0 is certain and this is not.
func FreePort(tb testing.TB) string {
	tb.Helper()
	b := ownBlock()
	for range b.size {
		port := strconv.Itoa(int(b.first + b.next.Add(1)%b.size))
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
