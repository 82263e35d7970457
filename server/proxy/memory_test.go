package proxy_test

import (
	"io"
	"net"
	"net/http"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/proxy"
)

// TestClientThatStopsReading has clients of a 100 MiB body read nothing for a while: what is kept of it in memory is bounded, with
// and without a file, and with a file that cannot be made or has no room. The body then comes whole.
func TestClientThatStopsReading(t *testing.T) {
	size := 100 << 20
	if testing.Short() {
		size = 16 << 20
	}
	piece := pattern(1 << 20)
	sent := []byte(piece) // once: what the peer allocates would be counted
	var wrote atomic.Int64
	p := script(t, each(func(c *net.TCPConn, req *http.Request, _ string) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(size)+"\r\n\r\n")
		for n := 0; n < size; {
			at := n % len(sent)
			k, err := c.Write(sent[at:min(len(sent), at+64<<10)])
			if wrote.Add(int64(k)); err != nil {
				return
			}
			n += k
		}
	}))
	for name, cfg := range map[string]proxy.Config{
		"no file":         {},
		"a file":          {MaxTempFile: 1 << 30},
		"a bounded file":  {MaxTempFile: 8 << 20},
		"no directory":    {MaxTempFile: 1 << 30, TempDir: "/nonexistent"},
		"no room on disk": {MaxTempFile: 1 << 30},
	} {
		for _, worker := range []bool{false, true} {
			restore := func() {}
			if name == "no room on disk" {
				restore = bounded(t, 2<<20)
			}
			f := start(t, options{cfg: cfg, worker: worker}, p)
			wrote.Store(0)
			before := kept()
			c := f.dial(t)
			_ = c.SetReadBuffer(16 << 10)
			say(c, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
			standsStill(&wrote, int64(size))
			if grown := keptMore(before, 4<<20); grown > 4<<20 {
				var top strings.Builder
				_ = pprof.Lookup("heap").WriteTo(&top, 1)
				t.Errorf("%s, worker %v: the heap grew by %d KiB:\n%s", name, worker, grown>>10, top.String()[:min(top.Len(), 8<<10)])
			}
			resp, err := http.ReadResponse(c.r, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(piece))
			for n := 0; n < size; n += len(got) {
				if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != piece {
					t.Errorf("%s, worker %v: at %d: %v, first difference at %d", name, worker, n, err, differs(string(got), piece))
					break
				}
			}
			c.Close()
			restore()
		}
	}
}

// standsStill waits until a peer has written all of size, or no more for a while: then what its client does not take is somewhere.
func standsStill(wrote *atomic.Int64, size int64) {
	last := int64(-1)
	for same := 0; same < 10; time.Sleep(20 * time.Millisecond) {
		switch n := wrote.Load(); {
		case n == size:
			return
		case n > 0 && n == last:
			same++
		default:
			last, same = n, 0
		}
	}
}

// keptMore is by how many bytes the heap has grown, when it is no more than bound or it does not fall to that for half a minute. What
// a stalled transfer keeps does not fall; what the tests before left to be collected, or to end, does.
func keptMore(before uint64, bound int64) int64 {
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if grown := int64(heap()) - int64(before); grown <= bound || time.Now().After(until) {
			return grown
		}
	}
}

// heap is what is in use of it.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// bounded has files of this process be no larger than n bytes, until the result is called.
func bounded(t testing.TB, n uint64) func() {
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Skip(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: old.Max}); err != nil {
		t.Skip(err)
	}
	return func() { _ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old) }
}
