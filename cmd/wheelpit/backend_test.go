//go:build linux

package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// appServer is an application server that runs as a process, at an address it keeps over its restarts.
type appServer struct {
	t    *testing.T
	addr string
	cmd  *exec.Cmd
	make func() *exec.Cmd
}

// newBackend starts the test binary as an application server.
func newBackend(t *testing.T) *appServer {
	addr := nginxtest.FreeAddr(t)
	return startBackend(t, addr, func() *exec.Cmd {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), envBackend+"="+addr)
		return cmd
	})
}

// startBackend starts a server that is to listen at addr. It does not go to the background by itself.
func startBackend(t *testing.T, addr string, command func() *exec.Cmd) *appServer {
	t.Helper()
	b := &appServer{t: t, addr: addr, make: command}
	t.Cleanup(b.kill)
	b.start()
	return b
}

// start returns when the server accepts connections.
func (b *appServer) start() {
	b.t.Helper()
	b.cmd = b.make()
	b.cmd.Stderr = os.Stderr
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := b.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	until(b.t, "a backend at "+b.addr, func() bool {
		c, err := net.Dial("tcp", b.addr)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}

// kill ends the server, and the processes it started, as kill -9 does.
func (b *appServer) kill() {
	_ = syscall.Kill(-b.cmd.Process.Pid, syscall.SIGKILL)
	_ = b.cmd.Wait()
}

func (b *appServer) signal(sig syscall.Signal) {
	b.t.Helper()
	if err := syscall.Kill(-b.cmd.Process.Pid, sig); err != nil {
		b.t.Fatal(err)
	}
}

// hang stops the server where it is, and returns when each of its threads has stopped: until then it may still answer.
func (b *appServer) hang() {
	b.t.Helper()
	b.signal(syscall.SIGSTOP)
	until(b.t, "a stopped server", func() bool {
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", b.cmd.Process.Pid))
		for _, file := range threads {
			stat, err := os.ReadFile(file)
			if err == nil && !strings.HasPrefix(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " T") {
				return false
			}
		}
		return true
	})
}

// set changes how the server treats requests.
func (b *appServer) set(mode string) { fetch(b.t, "http://"+b.addr+"/mode/"+mode) }

// count is the number of requests it "served", or of the bytes it has "written", in its life.
func (b *appServer) count(what string) int {
	_, text := fetch(b.t, "http://"+b.addr+"/"+what)
	n, _ := strconv.Atoi(text)
	return n
}

// until waits for something that is to happen soon; what is on a machine under load is not soon.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute for %s", what)
		}
	}
}
