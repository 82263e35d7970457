package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary builds the command once.
var binary string

// envBackend has the test binary be an application server, at the address that is its value.
const envBackend = "WHEELPIT_TEST_BACKEND"

// programs are what the test binary is instead when a variable of the environment has a value: that is handed to the program, which
// returns its exit code.
var programs = map[string]func(value string) int{envBackend: backendMain}

func TestMain(m *testing.M) {
	for name, program := range programs {
		if value := os.Getenv(name); value != "" {
			os.Exit(program(value))
		}
	}
	dir, err := os.MkdirTemp("", "wheelpit")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "wheelpit")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// running is a `wheelpit serve` whose banner was read.
type running struct {
	cmd    *exec.Cmd
	urls   []string
	banner string
	out    *bufio.Reader
}

var urlLine = regexp.MustCompile(`^  (http\S+)$`)

func serve(t *testing.T, args ...string) *running {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"serve"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	r := &running{cmd: cmd, out: bufio.NewReader(out)}
	for !strings.Contains(r.banner, "Ctrl-C") {
		line, err := r.out.ReadString('\n')
		if err != nil {
			t.Fatalf("banner %q: %v", r.banner, err)
		}
		r.banner += line
		if m := urlLine.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			r.urls = append(r.urls, m[1])
		}
	}
	return r
}

func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func TestServeWelcome(t *testing.T) {
	r := serve(t)
	if len(r.urls) != 1 {
		t.Fatalf("banner %q", r.banner)
	}
	if status, body := fetch(t, r.urls[0]); status != 200 || !strings.Contains(body, "Wheelpit is running") {
		t.Errorf("%d %q", status, body)
	}
	second := serve(t) // the port is taken now
	if len(second.urls) != 1 || second.urls[0] == r.urls[0] {
		t.Errorf("second server: %q", second.banner)
	}
	if status, _ := fetch(t, second.urls[0]); status != 200 {
		t.Errorf("second server: %d", status)
	}
}

func TestServeDirectory(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"index.html": "home", "404.html": "nothing here", ".env": "secret", "sub/x.css": "x{}"} {
		path := filepath.Join(dir, name)
		_ = os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	socket := filepath.Join(t.TempDir(), "s")
	r := serve(t, dir, "--listen", "127.0.0.1:0", "--listen", "unix:"+socket, "--cors", "--autoindex", "--reactors", "2")
	if len(r.urls) != 2 || !strings.Contains(r.banner, "2 reactors") {
		t.Fatalf("banner %q", r.banner)
	}
	base := r.urls[0]
	for path, want := range map[string]string{"": "200 home", "sub/x.css": "200 x{}", "none": "404 nothing here", ".env": "404 nothing here"} {
		status, body := fetch(t, base+path)
		if got := fmt.Sprint(status, " ", body); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	if status, body := fetch(t, base+"sub/"); status != 200 || !strings.Contains(body, "Index of /sub/") {
		t.Errorf("listing: %d %q", status, body)
	}
	res, err := http.Get(base)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if got := res.Header.Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("CORS: %q", got)
	}
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(c, "GET / HTTP/1.0\r\n\r\n")
	if b, _ := io.ReadAll(c); !bytes.HasSuffix(b, []byte("home")) {
		t.Errorf("unix socket: %q", b)
	}
	for want := regexp.MustCompile(`\d\d:\d\d:\d\d 404 GET /none 12B `); ; {
		line, err := r.out.ReadString('\n') // the log, within a moment
		if err != nil {
			t.Fatalf("no such line in the log: %v", err)
		}
		if want.MatchString(line) {
			break
		}
	}
}

func TestServeEndsOnSignals(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		r := serve(t, "--listen", "127.0.0.1:0")
		if err := r.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- r.cmd.Wait() }()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("%v: %v", sig, err)
			}
		case <-time.After(time.Minute):
			t.Errorf("%v: still running", sig)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"serve --nope", 2, "unknown flag: --nope"},
		{"serve a b", 2, "accepts at most 1 arg"},
		{"serve --reactors -1", 2, "--reactors -1: must be from 1 to 1024"},
		{"serve --listen nonsense", 1, "--listen: "},
		{"serve --listen 127.0.0.1:99999", 1, "invalid port"},
		{"serve /nonexistent/dir", 1, "/nonexistent/dir"},
		{"relaod", 2, `unknown verb "relaod"; did you mean reload?`},
		{"nonsense", 2, `unknown verb "nonsense"` + "\nSee 'wheelpit --help'"},
		{"explain http://192.0.2.1:81/ -c dist/container.conf", 1, "wheelpit: nothing listens on 192.0.2.1:81, only on "},
		{"quit --pid-file /nonexistent/pid", 1, "quit: no server runs, or its pid file is another: open() \"/nonexistent/pid\" failed (2: No such file or directory)"},
		{"version", 0, "wheelpit/"},
		{"serve --help", 0, "--autoindex"},
		{"completion bash", 0, "__start_wheelpit"},
	} {
		out, err := exec.Command(binary, strings.Fields(c.args)...).CombinedOutput()
		code := 0
		if e, ok := err.(*exec.ExitError); ok {
			code = e.ExitCode()
		}
		if code != c.code || !strings.Contains(string(out), c.want) {
			t.Errorf("wheelpit %s: exit %d, %q", c.args, code, out)
		}
	}
}
