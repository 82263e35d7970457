//go:build linux && !race && !invariants

package server

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/static"
)

// pass is a middleware with a Request and a Response hook that do next to nothing.
type pass struct{}

func (pass) ProcessRequest(*pipeline.Ctx) error  { return nil }
func (pass) ProcessResponse(*pipeline.Ctx) error { return nil }

// The whole way of a request, from the socket to the socket, allocates nothing: the budget of DESIGN's table.
func TestWholePathsDoNotAllocate(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int{"small.txt": 1000, "large.bin": 200000} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, size), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := static.New(static.Options{Root: dir, Revalidate: 3600e9})
	if err != nil {
		t.Fatal(err)
	}
	hello := []byte("Hello, World!")
	fixed := func(c *pipeline.Ctx) error { return c.Static(200, "text/plain", hello) }
	app := pipeline.New()
	app.Get("/hello", fixed, pipeline.Inline)
	app.Get("/worker", fixed)
	app.Get("/api/{a}/b/{b}/c/{c}", func(c *pipeline.Ctx) error {
		return c.Bytes(200, "text/plain", c.ParamBytes("b"))
	}, pipeline.Inline)
	app.Handle("POST /echo", func(c *pipeline.Ctx) error {
		b, err := c.Body()
		if err != nil {
			return err
		}
		return c.Bytes(200, "text/plain", b)
	}, pipeline.Inline)
	app.Mount("/", files.Serve, pipeline.Inline)
	layered := pipeline.New()
	layered.Use(pass{}, pass{}, pass{}, pass{}, pass{})
	layered.Get("/api/{a}/b/{b}/c/{c}", fixed, pipeline.Inline)
	_, plain := start(t, app)
	_, onion := start(t, layered)

	get := func(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n" }
	for _, c := range []struct {
		name, addr, in string
		answers        int
	}{
		{"fixed answer", plain, get("/hello"), 1},
		{"16 pipelined", plain, strings.Repeat(get("/hello"), 16), 16},
		{"route with 3 parameters", plain, get("/api/1/b/2/c/3"), 1},
		{"route with 3 parameters and 5 middlewares", onion, get("/api/1/b/2/c/3"), 1},
		{"worker", plain, get("/worker"), 1},
		{"small file", plain, get("/small.txt"), 1},
		{"small file, pipelined", plain, strings.Repeat(get("/small.txt"), 16), 16},
		{"large file", plain, get("/large.bin"), 1},
		{"not modified", plain, "GET /small.txt HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: *\r\n\r\n", 1},
		{"range", plain, "GET /large.bin HTTP/1.1\r\nHost: localhost\r\nRange: bytes=100-1099\r\n\r\n", 1},
		{"not found", plain, get("/none"), 1},
		{"body", plain, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", 1},
	} {
		fd := rawClient(t, c.addr)
		in := []byte(c.in)
		buf := make([]byte, 1<<20)
		size := exchangeFd(t, fd, in, buf, 0) // the first answer tells how long they are
		for range 3 {                         // and fills free lists and caches
			size = exchangeFd(t, fd, in, buf, 0)
		}
		// The clock renders its Date once a second, workers come and go, and each processor has a free list of its own that
		// is filled once: some allocations of the process are not a request's. One in fifty requests would be, each time.
		const rounds, often = 2000, 5
		n := uint64(0)
		for range often {
			if n = allocations(rounds, func() { exchangeFd(t, fd, in, buf, size) }); n <= rounds/50 {
				break
			}
		}
		if n > rounds/50 {
			t.Errorf("%s: %d allocations in %d requests, %d times", c.name, n, rounds, often)
		}
	}
}

// allocations counts those of the process while f is called n times.
func allocations(n int, f func()) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range n {
		f()
	}
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}

// rawClient connects with a blocking socket, so that the client's side does not allocate.
func rawClient(t *testing.T, addr string) int {
	t.Helper()
	a, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Connect(fd, &syscall.SockaddrInet4{Addr: [4]byte(a.IP.To4()), Port: a.Port}); err != nil {
		t.Fatal(err)
	}
	return fd
}

// exchangeFd sends in and reads the answer: size bytes, or, when size is 0, whatever comes until the socket is quiet.
func exchangeFd(t *testing.T, fd int, in, buf []byte, size int) int {
	t.Helper()
	if _, err := syscall.Write(fd, in); err != nil {
		t.Fatal(err)
	}
	got := 0
	for got == 0 || got < size {
		n, err := syscall.Read(fd, buf[got:])
		if err == syscall.EINTR { // the runtime preempts with signals
			continue
		}
		if err != nil || n == 0 {
			t.Fatalf("read %d bytes: %v", got, err)
		}
		got += n
	}
	if size == 0 {
		tv := syscall.Timeval{Usec: 20000}
		_ = syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &tv)
		for {
			n, err := syscall.Read(fd, buf[got:])
			if err == syscall.EINTR {
				continue
			}
			if err != nil || n == 0 {
				break
			}
			got += n
		}
		tv = syscall.Timeval{Sec: 10}
		_ = syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &tv)
	}
	return got
}
