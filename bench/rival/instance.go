package rival

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/wheelpit/wheelpit/bench/pin"
	"github.com/wheelpit/wheelpit/bench/procstat"
)

const (
	readyTimeout = 10 * time.Second
	stopTimeout  = 2 * time.Second
)

// Instance is a running server.
type Instance struct {
	Addr netip.AddrPort
	PIDs []int // all its processes

	cmd    *exec.Cmd
	exited chan struct{} // closed when the first process has ended
	log    string        // path of what it prints
}

// portTries is how many ports a server is offered.
const portTries = 10

// errPortTaken tells that the port was free when it was looked for, and another socket's when the server wanted it: that of a
// client, perhaps, which the kernel gave the same number.
var errPortTaken = errors.New("the port was taken meanwhile")

// Start starts a server on a CPU (negative: any) and a free port, and returns when it answers requests. site.Addr is
// chosen here. The server runs until Stop.
func Start(ctx context.Context, r Rival, site Site, cpu int) (in *Instance, err error) {
	for range portTries {
		if in, err = start(ctx, r, site, cpu); !errors.Is(err, errPortTaken) {
			break
		}
	}
	return in, err
}

// start is Start with one port.
func start(ctx context.Context, r Rival, site Site, cpu int) (*Instance, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	site.Addr = addr
	cmd, err := r.Command(site)
	if err != nil {
		return nil, err
	}
	in := &Instance{Addr: addr, cmd: cmd, exited: make(chan struct{}), log: filepath.Join(site.Work, "output.log")}
	output, err := os.Create(in.log)
	if err != nil {
		return nil, fmt.Errorf("rival: %w", err)
	}
	defer output.Close()
	cmd.Stdout, cmd.Stderr, cmd.Dir = output, output, site.Work
	if err := pin.Start(cmd, cpu); err != nil {
		return nil, fmt.Errorf("rival: start %s: %w", r.Name(), err)
	}
	go func() {
		_ = cmd.Wait()
		close(in.exited)
	}()
	if err := in.awaitReady(ctx); err != nil {
		in.Stop()
		return nil, fmt.Errorf("rival: %s: %w", r.Name(), err)
	}
	return in, nil
}

// freeAddr asks the kernel for a port that is free now.
func freeAddr() (netip.AddrPort, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("rival: %w", err)
	}
	defer listener.Close()
	return netip.ParseAddrPort(listener.Addr().String())
}

// awaitReady asks until there is an answer of any status: a connection alone may only mean that a master process
// listens and has no worker yet.
func (in *Instance) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+in.Addr.String()+"/hello", nil)
		if err != nil {
			return err
		}
		if response, err := client.Do(request); err == nil {
			_ = response.Body.Close()
			in.PIDs, err = procstat.Tree(in.cmd.Process.Pid)
			return err
		}
		select {
		case <-in.exited:
			return in.ended()
		case <-ctx.Done():
			return fmt.Errorf("no answer: %w: %s", ctx.Err(), in.output())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// ended is the error of a server that ended before it served.
func (in *Instance) ended() error {
	said := in.output()
	if strings.Contains(strings.ToLower(said), "address already in use") {
		return fmt.Errorf("%w: %s", errPortTaken, said)
	}
	return errors.New("ended before it served: " + said)
}

// output is the end of what the server printed.
func (in *Instance) output() string {
	text, err := os.ReadFile(in.log)
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(text[max(len(text)-500, 0):]))
}

// Stop ends the server: SIGTERM, and SIGKILL for all processes if that takes more than two seconds.
func (in *Instance) Stop() {
	_ = in.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-in.exited:
		return
	case <-time.After(stopTimeout):
	}
	for _, pid := range in.PIDs {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	_ = in.cmd.Process.Kill()
	<-in.exited
}
