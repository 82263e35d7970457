package proxy_test

import (
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
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
	p := script(t, each(func(c *net.TCPConn, req *http.Request, _ string) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(size)+"\r\n\r\n")
		for n := 0; n < size; n += len(piece) {
			_, _ = c.Write(sent)
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
			before := heap()
			c := f.dial(t)
			_ = c.SetReadBuffer(16 << 10)
			say(c, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
			time.Sleep(300 * time.Millisecond)
			after := heap()
			for range 5 { // what is kept stays; garbage of a busy moment does not
				time.Sleep(20 * time.Millisecond)
				after = min(after, heap())
			}
			if grown := int64(after) - int64(before); grown > 4<<20 {
				t.Errorf("%s, worker %v: the heap grew by %d KiB", name, worker, grown>>10)
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
