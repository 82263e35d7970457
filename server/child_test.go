//go:build linux

package server

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/static"
)

// A test that needs thousands of connections, or ends the server with a signal, runs the server in a process of its own:
// this test binary again, with childDir naming the files to serve.
const childDir = "WHEELPIT_TEST_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := serveChild(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func serveChild(dir string) error {
	files, err := static.New(static.Options{Root: dir})
	if err != nil {
		return err
	}
	app := pipeline.New()
	app.Get("/hello", func(c *pipeline.Ctx) error { return c.Text(200, "hello") }, pipeline.Inline)
	app.Get("/worker", func(c *pipeline.Ctx) error { time.Sleep(time.Millisecond); return c.Text(200, "hello") })
	app.Mount("/", files.Serve, pipeline.Inline)
	s, err := New(Config{Listen: []string{"127.0.0.1:0"}, App: app, Reactors: 1, HeaderTimeout: 6 * time.Second, Backlog: 4096})
	if err != nil {
		return err
	}
	if err := s.Start(); err != nil {
		return err
	}
	fmt.Println(s.Addrs()[0])
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	<-ctx.Done()
	return s.Shutdown(context.Background())
}

// child is a server in a process of its own.
type child struct {
	cmd  *exec.Cmd
	addr string
}

func startChild(t *testing.T, dir string) *child {
	t.Helper()
	raiseLimit()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return &child{cmd, strings.TrimSpace(line)}
}

// raiseLimit lets this process and its children open as many descriptors as they may.
func raiseLimit() {
	var lim syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim) == nil {
		lim.Cur = lim.Max
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &lim)
	}
}

// rss returns the resident memory of the child in bytes.
func (c *child) rss(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}

// many opens n connections and has each do what first says.
func (c *child) many(t *testing.T, n int, first func(net.Conn) error) []net.Conn {
	t.Helper()
	conns := make([]net.Conn, n)
	var wg sync.WaitGroup
	work := make(chan int)
	for range 32 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range work {
				conn, err := net.Dial("tcp", c.addr)
				if err != nil {
					t.Errorf("connection %d: %v", i, err)
					continue
				}
				conns[i] = conn
				if err := first(conn); err != nil {
					t.Errorf("connection %d: %v", i, err)
				}
			}
		}()
	}
	for i := range n {
		work <- i
	}
	close(work)
	wg.Wait()
	t.Cleanup(func() {
		for _, conn := range conns {
			if conn != nil {
				_ = conn.Close()
			}
		}
	})
	return conns
}
