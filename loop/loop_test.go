package loop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// line is a protocol of lines: "panic X" panics in callback X, "lend" is answered by a goroutine, "big" with 8 MiB,
// anything else is echoed.
type line struct {
	r       *rig
	panicIn string
}

// rig is what the lines of one test share.
type rig struct {
	closed atomic.Int32
	big    []byte
	hold   atomic.Pointer[chan struct{}] // what "lend" waits for; nil for nothing
}

func (l *line) Data(c *Conn, in []byte) int {
	used := 0
	for {
		n := bytes.IndexByte(in[used:], '\n')
		if n < 0 {
			return used
		}
		word := string(in[used : used+n+1])
		used += n + 1
		switch arg := strings.TrimSpace(word); {
		case arg == "panic Data":
			panic("Data")
		case strings.HasPrefix(arg, "panic "):
			l.panicIn = arg[6:]
			c.SetTimeout(1, 1)
		case arg == "big":
			c.WriteStatic(l.r.big)
		case arg == "quit":
			c.Write([]byte("bye\n"))
			c.CloseWhenSent(DefaultLinger)
			return len(in)
		case arg == "lend":
			c.Lend(in[used:])
			go func() {
				c.Write([]byte("lent\n"))
				_ = c.Flush(0)
				if hold := l.r.hold.Load(); hold != nil {
					<-*hold
				}
				c.Return(false)
			}()
			return len(in)
		default:
			c.Write([]byte(word))
		}
	}
}

func (l *line) EOF(c *Conn) {
	if l.panicIn == "EOF" {
		panic("EOF")
	}
	c.CloseWhenSent(Linger{})
}

func (l *line) Drained(*Conn) {}

func (l *line) Timeout(*Conn, uint8) {
	if l.panicIn == "Timeout" {
		panic("Timeout")
	}
}

func (l *line) Reclaimed(*Conn) {}
func (l *line) Idle(*Conn) bool { return true }

func (l *line) Closed(*Conn, error) {
	l.r.closed.Add(1)
	if l.panicIn == "Closed" {
		panic("Closed")
	}
}

// run starts a loop of one reactor with the given listeners.
func run(t *testing.T, cfg Config, specs ...ListenSpec) (*rig, *Loop) {
	t.Helper()
	if cfg.Reactors == 0 {
		cfg.Reactors = 1
	}
	l, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{big: bytes.Repeat([]byte("0123456789abcdef"), 512<<10)}
	if len(specs) == 0 {
		specs = []ListenSpec{{Addr: "127.0.0.1:0"}}
	}
	for _, s := range specs {
		s.Open = func(*Conn) Protocol { return &line{r: r} }
		if _, err := l.Listen(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := l.Drain(ctx); err != nil {
			t.Errorf("drain: %v", err)
		}
		if n := l.cfg.Pool.Outstanding(); n != 0 {
			t.Errorf("%d buffers were not given back", n)
		}
	})
	return r, l
}

func connect(t *testing.T, l *Loop) net.Conn {
	t.Helper()
	addr := l.Listeners()[0].String()
	network := "tcp"
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		network, addr = "unix", path
	}
	c, err := net.Dial(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	return c
}

func say(t *testing.T, c net.Conn, word, want string) {
	t.Helper()
	fmt.Fprintf(c, "%s\n", word)
	b := make([]byte, len(want)+1)
	if _, err := io.ReadFull(c, b); err != nil || string(b) != want+"\n" {
		t.Fatalf("said %q, heard %q, %v", word, b, err)
	}
}

func TestEchoAndLend(t *testing.T) {
	for _, reactors := range []int{1, 3} {
		for _, spec := range []ListenSpec{{Addr: "127.0.0.1:0"}, {Addr: "[::1]:0"}, {Addr: "127.0.0.1:0", ReusePort: true},
			{Addr: "unix:" + filepath.Join(t.TempDir(), "s")}, {Addr: "127.0.0.1:0", DeferAccept: time.Second, Nagle: true}} {
			_, l := run(t, Config{Reactors: reactors}, spec)
			for range 8 {
				c := connect(t, l)
				say(t, c, "hello", "hello")
				say(t, c, "lend", "lent")
				say(t, c, "again", "again")
			}
		}
	}
}

func TestPanicCostsOneConnection(t *testing.T) {
	r, l := run(t, Config{})
	other := connect(t, l)
	say(t, other, "a", "a")
	for i, callback := range []string{"Data", "Timeout", "EOF", "Closed"} {
		c := connect(t, l)
		fmt.Fprintf(c, "panic %s\n", callback)
		time.Sleep(20 * time.Millisecond)
		if callback == "EOF" || callback == "Closed" {
			_ = c.(*net.TCPConn).CloseWrite()
		}
		if _, err := io.ReadAll(c); err != nil && !errors.Is(err, unix.ECONNRESET) {
			t.Errorf("%s: %v", callback, err)
		}
		say(t, other, "b", "b")
		if n := r.closed.Load(); int(n) != i+1 {
			t.Errorf("%s: Closed was called %d times, want %d", callback, n, i+1)
		}
	}
	if n := l.Reactors()[0].stats.Panics.Load(); n != 4 {
		t.Errorf("%d panics counted", n)
	}
}

// The client may close its sending side at once and still gets everything (F9).
func TestHalfClose(t *testing.T) {
	r, l := run(t, Config{})
	c := connect(t, l)
	fmt.Fprintf(c, "big\n")
	_ = c.(*net.TCPConn).CloseWrite()
	if b, err := io.ReadAll(c); err != nil || !bytes.Equal(b, r.big) {
		t.Errorf("%d of %d bytes, %v", len(b), len(r.big), err)
	}
}

// A client that goes on sending can still read the last words: no reset destroys them.
func TestLinger(t *testing.T) {
	_, l := run(t, Config{})
	c := connect(t, l)
	fmt.Fprintf(c, "quit\n%s", strings.Repeat("x", 500000))
	if b, err := io.ReadAll(c); err != nil || string(b) != "bye\n" {
		t.Errorf("%q %v", b, err)
	}
}

// One client that reads slowly does not keep the others waiting, and all it is owed arrives.
func TestSlowReaderAndOthers(t *testing.T) {
	r, l := run(t, Config{})
	slow, quick := connect(t, l), connect(t, l)
	fmt.Fprintf(slow, "big\n")
	time.Sleep(20 * time.Millisecond)
	for range 100 {
		say(t, quick, "x", "x")
	}
	b := make([]byte, len(r.big))
	if _, err := io.ReadFull(slow, b); err != nil || !bytes.Equal(b, r.big) {
		t.Errorf("%v", err)
	}
}

func TestSendTimeout(t *testing.T) {
	r, l := run(t, Config{}, ListenSpec{Addr: "127.0.0.1:0", SendTimeout: 300 * time.Millisecond})
	c := connect(t, l)
	fmt.Fprintf(c, "big\n")
	for end := time.Now().Add(time.Minute); r.closed.Load() == 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if b, _ := io.ReadAll(c); len(b) >= 8<<20 {
		t.Error("a client that read nothing for longer than the time-out got everything")
	}
}

func TestShedOverTheLimit(t *testing.T) {
	_, l := run(t, Config{MaxConns: 2}, ListenSpec{Addr: "127.0.0.1:0", Shed: []byte("full\n")})
	a, b := connect(t, l), connect(t, l)
	say(t, a, "x", "x")
	say(t, b, "x", "x")
	c := connect(t, l)
	if got, _ := io.ReadAll(c); string(got) != "full\n" {
		t.Errorf("got %q", got)
	}
	_ = a.Close()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) { // until the end was seen
		c := connect(t, l)
		_, _ = io.WriteString(c, "x\n")
		got := make([]byte, 2)
		if _, _ = io.ReadFull(c, got); string(got) == "x\n" {
			return
		}
	}
	t.Error("there is no room behind one that has left")
}

func TestUnixSocketOfALiveServerIsNotStolen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	spec := ListenSpec{Addr: "unix:" + path, Open: func(*Conn) Protocol { return &line{} }}
	_, live := run(t, Config{}, spec)
	l, err := New(Config{Reactors: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Drain(context.Background()) }()
	if _, err := l.Listen(spec); !errors.Is(err, ErrAddrInUse) {
		t.Errorf("second listener: %v", err)
	}
	say(t, connect(t, live), "x", "x")
	// A path that a dead server left is taken over; a file that is no socket is not.
	stale := filepath.Join(t.TempDir(), "stale")
	fd, _ := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: stale}); err != nil {
		t.Fatal(err)
	}
	_ = unix.Close(fd)
	spec.Addr = "unix:" + stale
	if _, err := l.Listen(spec); err != nil {
		t.Errorf("stale path: %v", err)
	}
	plain := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	spec.Addr = "unix:" + plain
	if _, err := l.Listen(spec); err == nil {
		t.Error("a plain file was taken for a socket")
	}
}

func TestInheritedListener(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f, err := ln.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	_, l := run(t, Config{}, ListenSpec{File: f})
	_ = f.Close()
	say(t, connect(t, l), "x", "x")
}

func TestListenErrors(t *testing.T) {
	l, err := New(Config{Reactors: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Drain(context.Background()) }()
	for _, addr := range []string{"", "x", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", "256.0.0.1:80", "unix:/nonexistent/dir/s"} {
		if _, err := l.Listen(ListenSpec{Addr: addr, Open: func(*Conn) Protocol { return nil }}); err == nil || !strings.HasPrefix(err.Error(), "loop: listen "+addr+": ") {
			t.Errorf("%q: %v", addr, err)
		}
	}
}

// set sets a limit, whose type is the system's.
func set[T int64 | uint64](limit *T, n int) { *limit = T(n) }

// Out of descriptors, the server lives, what is connected goes on, and a new client is served soon after one is free (F1).
// It runs in a process of its own, whose limit is low.
func TestOutOfDescriptors(t *testing.T) {
	if os.Getenv("LOOP_TEST_EMFILE") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestOutOfDescriptors$", "-test.v")
		cmd.Env = append(os.Environ(), "LOOP_TEST_EMFILE=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	_, l := run(t, Config{})
	held := connect(t, l)
	say(t, held, "x", "x")
	var clients []int // made while there are descriptors, so that only the server runs short
	for range 60 {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, fd)
	}
	lim := unix.Rlimit{Max: 4096}
	set(&lim.Cur, clients[59]+10)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &lim); err != nil {
		t.Fatal(err)
	}
	addr := l.Listeners()[0].Addr()
	for _, fd := range clients {
		if err := unix.Connect(fd, &unix.SockaddrInet4{Addr: addr.Addr().As4(), Port: int(addr.Port())}); err != nil {
			t.Fatal(err)
		}
	}
	began, stats := time.Now(), l.Reactors()[0].Stats()
	for stats.Exhausted.Load() == 0 && time.Since(began) < time.Minute {
		time.Sleep(time.Millisecond)
	}
	if stats.Exhausted.Load() == 0 {
		t.Error("the server was never short of descriptors")
	}
	time.Sleep(3 * acceptPause)
	if n, took := stats.Exhausted.Load(), time.Since(began); n > 10*uint64(1+took/(3*acceptPause)) {
		t.Errorf("accept failed %d times in %v: it does not rest", n, took)
	}
	say(t, held, "still here", "still here")
	for _, fd := range clients {
		_ = unix.Close(fd)
	}
	time.Sleep(3 * acceptPause)
	say(t, connect(t, l), "x", "x")
}

// keeper keeps what it is handed until there are two lines of it, and then a view of the input that it ends in.
type keeper struct {
	line
	view []byte
	seen chan string
}

func (k *keeper) Data(c *Conn, in []byte) int {
	if bytes.Count(in, []byte("\n")) == 2 {
		k.view = in
		c.Abort(nil)
		return len(in)
	}
	return 0
}

func (k *keeper) Closed(*Conn, error) { k.seen <- string(k.view) }

// The input that a protocol closes its connection in can still be read in Closed: a log is told of requests that are views of it.
// (Freed memory keeps its content for a while; with -tags invariants it does not.)
func TestInputIsReadableInClosed(t *testing.T) {
	k := &keeper{seen: make(chan string, 1)}
	k.r = &rig{}
	l, err := New(Config{Reactors: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Listen(ListenSpec{Addr: "127.0.0.1:0", Open: func(c *Conn) Protocol { return k }}); err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	c := connect(t, l)
	for _, part := range []string{"one\n", "two\n"} {
		if _, err := io.WriteString(c, part); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond) // so that the first is kept
	}
	if got := <-k.seen; got != "one\ntwo\n" {
		t.Errorf("in Closed the input was %q", got)
	}
	if err := l.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	if n := l.cfg.Pool.Outstanding(); n != 0 {
		t.Errorf("%d buffers were not given back", n)
	}
}
