//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/front"
	"github.com/wheelpit/wheelpit/server/master"
)

// envBlind has the test binary be the server, with the application "blind" in it: /pid names the process that answers, and any
// other request takes the pollers from it.
const envBlind = "WHEELPIT_TEST_BLIND"

func init() { programs[envBlind] = blindMain }

func blindMain(string) int {
	app := pipeline.New()
	app.Path("pid", func(c *pipeline.Ctx) error { return c.Text(200, strconv.Itoa(os.Getpid())) }, pipeline.Inline)
	app.Path("blind", func(c *pipeline.Ctx) error { // on the reactor, which does not wait in its poller meanwhile
		if err := takePollers(); err != nil {
			return c.Text(500, err.Error())
		}
		return c.Text(200, "blind")
	}, pipeline.Inline)
	front.RegisterApp("blind", app)
	return master.Main(nginx, os.Args)
}

// takePollers puts something in the place of each reactor's epoll instance that cannot be polled. Go has an instance of its own, by
// which it watches the others: they are those that another one has among its descriptors.
func takePollers() error {
	null, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	infos, err := filepath.Glob("/proc/self/fdinfo/*")
	if err != nil {
		return err
	}
	taken := 0
	for _, info := range infos {
		text, _ := os.ReadFile(info) // the descriptor may be closed by now
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			if len(f) < 2 || f[0] != "tfd:" {
				continue
			}
			if is, _ := os.Readlink("/proc/self/fd/" + f[1]); is != "anon_inode:[eventpoll]" {
				continue
			}
			fd, err := strconv.Atoi(f[1])
			if err != nil {
				return err
			}
			if err := unix.Dup3(null, fd, unix.O_CLOEXEC); err != nil {
				return err
			}
			taken++
		}
	}
	if taken == 0 {
		return errors.New("no poller was found")
	}
	return nil
}

// TestWorkerWithoutReactors: a worker process that has no reactor left ends with code 1, and the master starts another one, which
// answers on the same sockets.
func TestWorkerWithoutReactors(t *testing.T) {
	d := newDaemon(t)
	conf := fmt.Sprintf("worker_processes 1;\npid nginx.pid;\nerror_log error.log notice;\nevents { }\n"+
		"http { access_log off; server { listen %s; location / { app blind; } } }\n", d.addr)
	if os.Getuid() == 0 {
		conf = "user root;\n" + conf // who changed its user may not look into its own /proc
	}
	if err := os.WriteFile(filepath.Join(d.dir, "nginx.conf"), []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-p", d.dir, "-c", "nginx.conf", "-e", "error.log")
	cmd.Env = append(os.Environ(), envBlind+"=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for range 2 {
		_, was := fetch(t, "http://"+d.addr+"/pid")
		if status, body, err := ask(d.addr, "/blind"); err == nil && status != 200 { // it may be gone before it has answered
			t.Fatal(body)
		}
		until(t, "another worker", func() bool {
			status, now, err := ask(d.addr, "/pid")
			return err == nil && status == 200 && now != was
		})
		until(t, "the line of its end", func() bool {
			log, _ := os.ReadFile(filepath.Join(d.dir, "error.log"))
			return strings.Contains(string(log), "worker process "+was+" exited with code 1")
		})
	}
}

// ask is fetch of a server that may be gone, or not answer.
func ask(addr, path string) (status int, body string, err error) {
	c := http.Client{Timeout: time.Minute}
	resp, err := c.Get("http://" + addr + path)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}
