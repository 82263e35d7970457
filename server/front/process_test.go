package front_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/front"
	"github.com/wheelpit/wheelpit/server/master"
)

func load(t *testing.T, text string) (*master.Plan, string, error) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	plan, err := front.Load(master.Spec{Conf: file, ConfPrefix: dir + "/", Prefix: dir + "/", Log: errlog.Writer(&log, errlog.Warn)})
	return plan, log.String(), err
}

// What the main context says of processes reaches the master.
func TestLoad(t *testing.T) {
	plan, log, err := load(t, `daemon off; user nobody nogroup; pid run.pid; worker_processes 3; worker_cpu_affinity 10 0101 1 100000; worker_shutdown_timeout 5s; env HOME;
		error_log logs/e.log warn;
		events { worker_connections 64; }
		http {
			access_log logs/a.log; access_log off.log;
			server { listen 8080; listen 127.0.0.1:8080; listen [::1]:8081 backlog=7 reuseport; listen unix:/tmp/x.sock; }
			server { listen 127.0.0.1:8082; error_log inner.log; }
		}`)
	if err != nil {
		t.Fatal(err, log)
	}
	if !plan.Foreground || plan.Single || plan.User != "nobody" || plan.Group != "nogroup" || plan.PID != "run.pid" ||
		!slices.Equal(plan.CPUs, []int{0, 1, 2}) || plan.Processes != 1 || plan.ShutdownTimeout.Seconds() != 5 || len(plan.Env) != 1 {
		t.Errorf("settings: %+v", plan.Settings)
	}
	var listen []string
	for _, l := range plan.Listen {
		listen = append(listen, l.Address)
	}
	if got := strings.Join(listen, " "); got != "0.0.0.0:8080 [::1]:8081 unix:/tmp/x.sock 127.0.0.1:8082" {
		t.Errorf("listen %s", got)
	}
	if l := plan.Listen[1]; l.Backlog != 7 || l.ReusePort != 3 {
		t.Errorf("options of a listen: %+v", l)
	}
	var files []string
	for _, f := range plan.LogFiles {
		files = append(files, filepath.Base(f))
	}
	if got := strings.Join(files, " "); got != "a.log off.log inner.log" {
		t.Errorf("log files %s", got)
	}
	if len(plan.ErrorLogs) != 1 || plan.ErrorLogs[0].Level != errlog.Warn {
		t.Errorf("error logs %v", plan.ErrorLogs)
	}
}

func TestLoadTellsFaults(t *testing.T) {
	for text, want := range map[string]string{
		"events { } http { server { nonsense; } }":                      `unknown directive "nonsense" in `,
		"events { } http { server { return 200 $nothing; } }":           `unknown "nothing" variable`,
		"events { } http { server { listen 8080 ssl; } }":               `the "ssl" parameter of "listen" is not supported in `,
		"events { } http { server { listen 8080 http2; } }":             `the "http2" parameter of "listen" is not supported in `,
		"events { } http { server { location ~ a( { } } }":              "missing closing parenthesis",
		"events { } http { server { location / { app unheard-of; } } }": `unknown application "unheard-of" in `,
		"events { } http { server { location / { grpc_pass x; } } }":    `directive "grpc_pass" is not supported in `,
	} {
		_, log, err := load(t, text)
		if !errors.Is(err, master.ErrTold) || !strings.Contains(log, want) || !strings.Contains(log, "[emerg]") {
			t.Errorf("%s: %v\n%s", text, err, log)
		}
	}
}
