package front_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/front"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

func ports(t testing.TB, n int) (list []string) {
	for range n {
		list = append(list, nginxtest.FreePort(t))
	}
	return list
}

// writeConf makes NAME.conf of a file of the corpus; NAME is where its logs go, too.
func writeConf(t *testing.T, dir, name, text string, ports []string) string {
	text = strings.NewReplacer("%PORT%", ports[0], "%PORT1%", ports[1], "%PORT2%", ports[2], "%DIR%", dir, "%LOG%", filepath.Join(dir, name)).Replace(text)
	text = "worker_processes 1; pid " + name + ".pid; error_log " + name + ".log;\nevents { }\nhttp {\n" + text + "\n}\n"
	if !strings.Contains(text, "access_log") {
		text = strings.Replace(text, "http {\n", "http {\naccess_log off;\n", 1)
	}
	if os.Getuid() == 0 {
		text = "user root;\n" + text
	}
	path := filepath.Join(dir, name+".conf")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// startNginx starts the real one. The function it returns ends it; it is nil if nginx did not get its ports. Its pid file tells: it
// is made when they are open.
func startNginx(t *testing.T, binary, file string) (quit func()) {
	dir := filepath.Dir(file)
	cmd := exec.Command(binary, "-p", dir+"/", "-c", filepath.Base(file), "-g", "daemon off; master_process off;", "-e", "start.log")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	stop := func() {
		_ = cmd.Process.Kill()
		<-ended
	}
	t.Cleanup(stop)
	for range 12000 {
		if text, _ := os.ReadFile(filepath.Join(dir, "theirs.pid")); len(text) > 0 {
			return func() {
				_ = cmd.Process.Signal(syscall.SIGQUIT)
				<-ended
			}
		}
		if log, _ := os.ReadFile(filepath.Join(dir, "theirs.log")); bytes.Contains(log, []byte("bind() to")) {
			stop()
			_ = os.Remove(filepath.Join(dir, "theirs.log"))
			return nil
		}
		select {
		case <-ended:
			t.Fatalf("nginx did not start: %s", errs.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
	stop()
	return nil
}

// startOurs starts Wheelpit in this process; the function it returns ends it, so that its logs are written.
func startOurs(t *testing.T, version, dir, file string) func() {
	cfg, errs := conf.Load(file, conf.Options{Serving: true})
	if errs.Failed() {
		t.Fatal(errs)
	}
	plan, err := front.Build(cfg, front.Options{Prefix: dir, Product: "nginx", Version: version})
	if err != nil {
		t.Fatal(err)
	}
	plan.Server.Reactors = 1
	if err := plan.Runtime.Open(errlog.Writer(io.Discard, errlog.Error)); err != nil {
		t.Fatal(err)
	}
	s, err := server.New(plan.Server)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Shutdown(ctx)
		plan.Runtime.Close()
	}
	t.Cleanup(stop)
	return stop
}
