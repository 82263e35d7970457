//go:build linux

package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/master"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// daemon is a server in the background, with a configuration of its own.
type daemon struct {
	t         *testing.T
	dir, addr string
}

func newDaemon(t *testing.T) *daemon {
	t.Helper()
	dir, err := os.MkdirTemp("", "wheelpit-verbs") // workers of another user must be able to read it
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	d := &daemon{t: t, dir: dir, addr: nginxtest.FreeAddr(t)}
	t.Cleanup(func() {
		_, _, _ = d.verb("stop", "--wait")
		_ = os.RemoveAll(dir)
	})
	return d
}

// write writes a configuration whose server answers with text.
func (d *daemon) write(text, more string) {
	d.t.Helper()
	conf := fmt.Sprintf("pid nginx.pid;\nerror_log error.log;\n%s\nevents { }\nhttp { access_log off; server { listen %s; location / { return 200 %q; } location /metrics { wheelpit_status prometheus; } } }\n", more, d.addr, text)
	if err := os.WriteFile(filepath.Join(d.dir, "nginx.conf"), []byte(conf), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

func (d *daemon) start() {
	d.t.Helper()
	cmd := exec.Command(binary, "-p", d.dir, "-c", "nginx.conf", "-e", "error.log")
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("%v\n%s", err, out)
	}
}

// verb runs a verb of the binary on the server.
func (d *daemon) verb(verb string, args ...string) (out string, code int, took time.Duration) {
	d.t.Helper()
	cmd := exec.Command(binary, append([]string{verb, "-p", d.dir, "-c", filepath.Join(d.dir, "nginx.conf")}, args...)...)
	began := time.Now()
	b, _ := cmd.CombinedOutput()
	return string(b), cmd.ProcessState.ExitCode(), time.Since(began)
}

func (d *daemon) answers(want string) {
	d.t.Helper()
	if _, got := fetch(d.t, "http://"+d.addr+"/"); got != want {
		d.t.Errorf("%q answers, want %q", got, want)
	}
}

func (d *daemon) state() master.State {
	d.t.Helper()
	s, err := master.ReadState(filepath.Join(d.dir, "nginx.pid"))
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

// metric reads a metric of the server.
func (d *daemon) metric(name string) string {
	d.t.Helper()
	_, text := fetch(d.t, "http://"+d.addr+"/metrics")
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	d.t.Errorf("no metric %s in\n%s", name, text)
	return ""
}

// TestVerbs goes through the life of a server with the verbs alone.
func TestVerbs(t *testing.T) {
	d := newDaemon(t)
	d.write("one", "")
	d.start()
	d.answers("one")
	d.write("two", "")
	if out, code, _ := d.verb("reload", "--wait"); out != "" || code != 0 {
		t.Errorf("reload: %q, %d", out, code)
	}
	d.answers("two")
	if g, r := d.metric("wheelpit_config_generation"), d.metric("wheelpit_config_reloads_total"); g != "2" || r != "1" {
		t.Errorf("generation %s, %s reloads", g, r)
	}

	d.write("three", "nonsense;")
	if out, code, _ := d.verb("reload"); code != 1 || !strings.Contains(out, `[emerg] unknown directive "nonsense"`) || d.state().Attempts != 1 {
		t.Errorf("a broken configuration: %q, %d, %+v", out, code, d.state())
	}
	if out, code, _ := d.verb("reload", "--wait", "--no-check"); code != 1 || !strings.Contains(out, `unknown directive "nonsense"`) || !strings.Contains(out, "goes on as it was") {
		t.Errorf("a broken configuration, not checked: %q, %d", out, code)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	d.write("three", "")
	text, _ := os.ReadFile(filepath.Join(d.dir, "nginx.conf"))
	more := strings.Replace(string(text), "server {", "server { listen "+taken.Addr().String()+";", 1)
	if err := os.WriteFile(filepath.Join(d.dir, "nginx.conf"), []byte(more), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, code, _ := d.verb("reload", "--wait"); code != 1 || !strings.Contains(out, "bind() to "+taken.Addr().String()+" failed") {
		t.Errorf("an address that is taken: %q, %d", out, code)
	}
	d.answers("two")

	d.write("four", "")
	before := d.state()
	if out, code, _ := d.verb("upgrade"); out != "" || code != 0 || d.state().PID == before.PID {
		t.Errorf("upgrade: %q, %d, %+v", out, code, d.state())
	}
	d.answers("four")
	if out, code, _ := d.verb("reopen", "--wait"); out != "" || code != 0 || d.state().Reopened != 1 {
		t.Errorf("reopen: %q, %d, %+v", out, code, d.state())
	}
	if out, code, _ := d.verb("quit", "--wait"); out != "" || code != 0 {
		t.Errorf("quit: %q, %d", out, code)
	}
	if _, err := net.Dial("tcp", d.addr); err == nil {
		t.Error("somebody listens behind quit --wait")
	}
	if out, code, _ := d.verb("quit"); code != 1 || !strings.Contains(out, "No such file or directory") {
		t.Errorf("without a server: %q, %d", out, code)
	}
}

// TestStalePIDFile: a verb says that the server is gone, whether it waits or not.
func TestStalePIDFile(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Skip(err)
	}
	name := filepath.Join(t.TempDir(), "pid")
	if err := os.WriteFile(name, []byte(fmt.Sprintln(gone.Process.Pid)), 0o644); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("no server runs: process %d of %s has ended, and left its pid file", gone.Process.Pid, name)
	for _, args := range []string{"quit", "quit --wait", "reload --no-check", "reload --no-check --wait", "upgrade"} {
		cmd := exec.Command(binary, append(strings.Fields(args), "--pid-file", name)...)
		out, _ := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), want) {
			t.Errorf("%s: %d, %s", args, cmd.ProcessState.ExitCode(), out)
		}
	}
}

// TestTotals: several worker processes, and those of a reload, count together.
func TestTotals(t *testing.T) {
	for name, main := range map[string]string{"elastic": "worker_processes 3 elastic=1000000r/s max=3;", "single": "master_process off;"} {
		t.Run(name, func(t *testing.T) {
			d := newDaemon(t)
			d.write("one", main)
			d.start()
			workers := map[string]bool{}
			const rounds = 30
			for round := range 2 * rounds {
				if round == rounds {
					d.write("two", main)
					if out, code, _ := d.verb("reload", "--wait"); code != 0 {
						t.Fatal(out)
					}
				}
				http.DefaultTransport.(*http.Transport).CloseIdleConnections() // each request finds a worker of its own
				fetch(t, "http://"+d.addr+"/")
				workers[d.metric("wheelpit_config_generation")+d.worker()] = true
			}
			if name == "elastic" && len(workers) < 4 {
				t.Errorf("%d workers have answered: %v", len(workers), workers)
			}
			deadline := time.Now().Add(time.Minute)
			want := 3 * 2 * rounds // with two scrapes in each round
			for d.metric(`wheelpit_http_responses_total{class="2xx"}`) != fmt.Sprint(want) && time.Now().Before(deadline) {
				want++ // the scrape itself
			}
			if got := d.metric(`wheelpit_http_responses_total{class="2xx"}`); got != fmt.Sprint(want+1) {
				t.Errorf("%s responses, want %d", got, want+1)
			}
			got := 0
			for got < want && time.Now().Before(deadline) { // until all have published
				got, _ = strconv.Atoi(d.metric("wheelpit_http_requests_total"))
				want++
			}
			if got < want-1 || got > want+3 {
				t.Errorf("%d requests, want %d", got, want)
			}
		})
	}
}

// worker is the process that answers a scrape.
func (d *daemon) worker() string {
	d.t.Helper()
	_, text := fetch(d.t, "http://"+d.addr+"/metrics")
	_, rest, _ := strings.Cut(text, `worker="`)
	pid, _, _ := strings.Cut(rest, `"`)
	return pid
}
