//go:build linux

package master

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// The tests run the server in processes of their own: this test binary again, which is then a small server that reads
// nginx.conf and answers with what `return` in the server block says.
const envTest = "WHEELPIT_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(envTest) != "" || role() != "" {
		os.Exit(Main(testProgram, os.Args))
	}
	os.Exit(m.Run())
}

var testProgram = Program{Build: testBuild, Version: "0.0.0", Modules: []string{"http_rewrite_module", "http_stub_status_module"}}

// testBuild shows what a Build does: the tree is checked, the core's directives become Settings, listen becomes Listen.
func testBuild(spec Spec) (*Plan, error) {
	cfg, errs := conf.Load(spec.Conf, conf.Options{Global: spec.Global, Read: spec.Read, Glob: spec.Glob})
	for _, e := range errs {
		level := errlog.Emerg
		if e.Level == conf.Warn {
			level = errlog.Warn
		}
		spec.Log.Printf(level, "%s", e.Error())
	}
	if errs.Failed() {
		return nil, ErrTold
	}
	plan := &Plan{}
	w := &testWorker{}
	for d := range cfg.Main() {
		plan.take(d)
		if d.Name == "http" {
			for s := range d.Children() {
				plan.takeServer(s, w)
				plan.takeZone(s, w)
			}
		}
	}
	plan.Open = func(log *errlog.Log) (Worker, error) {
		w.log = log
		w.access = filepath.Join(spec.Prefix, "access.log")
		if w.text == "cannot open" {
			return nil, fmt.Errorf("this worker cannot be opened")
		}
		return w, w.openAccess()
	}
	plan.LogFiles = []string{filepath.Join(spec.Prefix, "access.log")}
	return plan, nil
}

func (p *Plan) take(d *conf.Directive) {
	on := len(d.Args) == 1 && d.Args[0] == "on"
	switch d.Name {
	case "daemon":
		p.Foreground = !on
	case "master_process":
		p.Single = !on
	case "user":
		p.User, p.Group = d.Args[0], append(d.Args, "")[1]
	case "pid":
		p.PID = d.Args[0]
	case "env":
		p.Env = append(p.Env, d.Args[0])
	case "working_directory":
		p.WorkingDirectory = d.Args[0]
	case "worker_priority":
		p.Priority = int(d.Value.(int64))
	case "worker_cpu_affinity":
		p.CPUs = d.Value.(conf.CPUAffinity).Masks[0]
	case "worker_rlimit_nofile":
		p.RlimitNofile = d.Value.(int64)
	case "worker_shutdown_timeout":
		p.ShutdownTimeout = time.Duration(d.Value.(int64)) * time.Millisecond
	case "worker_processes":
		v := d.Value.(conf.WorkerProcesses)
		p.Processes, _ = Workers(int(v.Number), v.Elastic > 0)
		p.Elastic = Elastic{Rate: v.Elastic, Max: int(v.Max), Interval: 50 * time.Millisecond}
	case "error_log":
		v := d.Value.(conf.ErrorLog)
		level, _ := errlog.ParseLevel(v.Level)
		p.ErrorLogs = append(p.ErrorLogs, errlog.Target{To: v.Target, Level: level})
	}
}

func (p *Plan) takeServer(s *conf.Directive, w *testWorker) {
	for d := range s.Children() {
		switch d.Name {
		case "listen":
			l := d.Value.(*conf.Listen)
			p.Listen = append(p.Listen, Listen{Address: l.Text, Backlog: int(l.Backlog), ReusePort: 2 * number(l.ReusePort)})
		case "return":
			w.text = d.Args[len(d.Args)-1]
		}
	}
}

// takeZone has the memory of a zone count requests, and have the id of the last process that has ended.
func (p *Plan) takeZone(d *conf.Directive, w *testWorker) {
	v, ok := d.Value.(conf.Zone)
	if !ok {
		return
	}
	words := func(memory []byte) []atomic.Uint64 {
		return unsafe.Slice((*atomic.Uint64)(unsafe.Pointer(&memory[0])), 2)
	}
	p.Zones = append(p.Zones, Zone{Directive: "limit_req", Name: v.Name, Key: d.Args[0], Size: v.Size, Bytes: v.Size,
		Attach: func(memory []byte) { w.zone = words(memory) },
		Forget: func(memory []byte, pid int) { words(memory)[1].Store(uint64(pid)) },
	})
}

// testWorker is server.Server with some paths.
type testWorker struct {
	zone         []atomic.Uint64
	text, access string
	log          *errlog.Log
	srv          *server.Server
	file         atomic.Pointer[os.File]
	n            atomic.Uint64
}

// begun is what a worker logs when a request that takes long has come.
const begun = "a long request has begun"

func (w *testWorker) Serve(socks []Socket) error {
	if w.text == "cannot serve" {
		return fmt.Errorf("this worker cannot serve")
	}
	app := pipeline.New()
	app.Get("/{$}", func(c *pipeline.Ctx) error { return c.Text(200, w.text) }, pipeline.Inline)
	app.Get("/pid", func(c *pipeline.Ctx) error { return c.Text(200, strconv.Itoa(os.Getpid())) }, pipeline.Inline)
	app.Get("/zone", func(c *pipeline.Ctx) error {
		return c.Text(200, fmt.Sprint(w.zone[0].Add(1), " ", w.zone[1].Load()))
	}, pipeline.Inline)
	rest := func(d time.Duration) pipeline.Handler {
		return func(c *pipeline.Ctx) error {
			w.log.Write(errlog.Warn, 0, begun)
			time.Sleep(d)
			return c.Text(200, "slow")
		}
	}
	app.Get("/slow", rest(time.Second))
	app.Get("/hang", rest(time.Hour))
	app.Get("/env", func(c *pipeline.Ctx) error { return c.Text(200, strings.Join(os.Environ(), "\n")) }, pipeline.Inline)
	cfg := server.Config{App: app, Reactors: 1, AccessLog: w.logAccess, KeepAlive: 5 * time.Second}
	for _, s := range socks {
		cfg.Inherited = append(cfg.Inherited, s.Files...)
	}
	var err error
	if w.srv, err = server.New(cfg); err != nil {
		return err
	}
	return w.srv.Start()
}

func (w *testWorker) logAccess(e *server.Entry) {
	w.n.Add(1)
	if string(e.Target) == "/logged" {
		_, _ = fmt.Fprintln(w.file.Load(), "logged")
	}
}

func (w *testWorker) openAccess() error {
	f, err := errlog.OpenAppend(w.access)
	if err != nil {
		return err
	}
	w.file.Store(f) // the old file is left to the collector: a request may be about to write
	return nil
}

func (w *testWorker) Requests() uint64               { return w.n.Load() }
func (w *testWorker) Reopen() error                  { return w.openAccess() }
func (w *testWorker) Quit(ctx context.Context) error { return w.srv.Shutdown(ctx) }

// site is a directory with a configuration, and the program that is started in it.
type site struct {
	t      *testing.T
	dir    string
	binary string
	addr   string // of the one listen
	cmd    *exec.Cmd
	out    bytes.Buffer // of cmd, to be read when it has ended
}

// newSite makes a directory that workers of every user may read, and picks a free port.
func newSite(t *testing.T) *site {
	t.Helper()
	dir, err := os.MkdirTemp("", "wheelpit-master")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, dir: dir, binary: os.Args[0], addr: nginxtest.FreeAddr(t)}
	t.Cleanup(func() {
		s.end()
		if strings.Contains(s.log(), "DATA RACE") || strings.Contains(s.log(), "goroutine 1 [") {
			t.Error("the server has crashed")
		}
		if t.Failed() {
			t.Logf("error.log:\n%s", s.log())
		}
		_ = os.RemoveAll(dir)
	})
	return s
}

// end ends what still runs, by the pid files.
func (s *site) end() {
	for _, name := range []string{"nginx.pid", "nginx.pid" + oldSuffix} {
		if pid, err := readPID(s.path(name)); err == nil {
			_ = syscall.Kill(pid, syscall.SIGTERM)
			s.until("the server is gone", func() bool { return syscall.Kill(pid, 0) != nil || zombie(pid) })
		}
	}
	if s.cmd != nil && s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}

// zombie says that a process has ended with all its threads and waits for its parent to notice.
func zombie(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	threads, _ := strconv.Atoi(f[17])
	return f[0] == "Z" && threads <= 1
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

// write writes nginx.conf: the directives of the main context, and a server that answers with text.
func (s *site) write(main, text string) {
	s.t.Helper()
	s.writeListen(main, s.addr, text)
}

func (s *site) writeListen(main, listen, text string) {
	s.t.Helper()
	err := os.WriteFile(s.path("nginx.conf"), fmt.Appendf(nil,
		"pid nginx.pid;\nerror_log error.log notice;\n%s\nevents {}\nhttp { access_log off; server { listen %s; return 200 %q; } }\n", main, listen, text), 0o644)
	if err != nil {
		s.t.Fatal(err)
	}
}

// command is the program with the site's directory and further arguments.
func (s *site) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.binary, append([]string{"-p", s.dir, "-c", "nginx.conf", "-e", "error.log"}, args...)...)
	cmd.Env = append(os.Environ(), envTest+"=1", "GORACE=atexit_sleep_ms=0") // which would be a second for each process
	return cmd
}

// start runs the server in the foreground and waits for its pid file.
func (s *site) start() {
	s.t.Helper()
	out, err := os.Create(s.path("output")) // no pipe: a new binary would hold it open
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	s.cmd = s.command()
	s.cmd.Stdout, s.cmd.Stderr = out, out
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.until("the pid file", func() bool { _, err := os.Stat(s.path("nginx.pid")); return err == nil })
}

// stop sends a signal and waits for the exit code.
func (s *site) stop(sig syscall.Signal) int {
	s.t.Helper()
	s.signal(sig)
	return s.wait()
}

func (s *site) wait() int {
	s.t.Helper()
	timer := time.AfterFunc(60*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer timer.Stop()
	_ = s.cmd.Wait()
	out, _ := os.ReadFile(s.path("output"))
	s.out.Reset()
	s.out.Write(out)
	return s.cmd.ProcessState.ExitCode()
}

func (s *site) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) log() string {
	b, _ := os.ReadFile(s.path("error.log"))
	return string(b)
}

// logged waits for a text in the error log to be there n times.
func (s *site) logged(text string, n int) {
	s.t.Helper()
	s.until(fmt.Sprintf("%q %d times in the log", text, n), func() bool { return strings.Count(s.log(), text) >= n })
}

// until waits for something to be so.
func (s *site) until(what string, so func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain for %s\n%s", what, s.log())
		}
	}
}
