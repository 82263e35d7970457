package load

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/bench/pin"
)

// wrkScript makes wrk send the same bytes as the own generator and print its figures on one line.
//
//go:embed wrk.lua
var wrkScript string

// WrkInstalled tells whether wrk is in the PATH.
func WrkInstalled() bool {
	_, err := exec.LookPath("wrk")
	return err == nil
}

// WrkCan tells whether wrk can make the load of a plan. It has no open loop, and it closes connections before the
// server does, which changes what the server has to do.
func WrkCan(plan *Plan) bool { return plan.Rate == 0 && !plan.Close }

// RunWrk makes the load of the plan with one thread of wrk. wrk has no warm-up and knows whole seconds only, so
// Plan.Warmup is left out and Plan.Duration rounded up; opening the connections is part of the slice. wrk does not
// check lengths, and knows one kind of failed status, 400 and above.
func RunWrk(ctx context.Context, plan Plan) (*Result, error) {
	if err := plan.check(); err != nil {
		return nil, err
	}
	if !WrkCan(&plan) {
		return nil, errors.New("load: wrk cannot make this load")
	}
	dir, err := os.MkdirTemp("", "wheelpit-wrk-")
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	defer os.RemoveAll(dir)
	script := filepath.Join(dir, "wrk.lua")
	if err := os.WriteFile(script, luaScript(plan.Requests), 0o600); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	seconds := int(math.Ceil(plan.Duration.Seconds()))
	cmd := exec.CommandContext(ctx, "wrk", "-t1", "-c"+strconv.Itoa(plan.Connections), "-d"+strconv.Itoa(seconds),
		"--latency", "-s", script, "http://"+plan.Addr.String())
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := runWrk(cmd, &plan); err != nil {
		return nil, fmt.Errorf("load: wrk: %w: %s", err, bytes.TrimSpace(out.Bytes()))
	}
	result, err := parseWrk(out.String(), &plan)
	if err != nil {
		return nil, err
	}
	result.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return result, nil
}

func runWrk(cmd *exec.Cmd, plan *Plan) error {
	if plan.Started != nil {
		plan.Started()
	}
	if err := pin.Start(cmd, plan.CPU); err != nil {
		return err
	}
	err := cmd.Wait()
	if plan.Stopped != nil {
		plan.Stopped()
	}
	return err
}

// luaScript is the fixed script behind a table of the requests.
func luaScript(requests []Request) []byte {
	var b bytes.Buffer
	b.WriteString("requests = {\n")
	for i := range requests {
		b.WriteByte('"')
		for _, c := range requests[i].Wire {
			if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
				b.WriteByte(c)
			} else {
				fmt.Fprintf(&b, "\\%03d", c)
			}
		}
		b.WriteString("\",\n")
	}
	b.WriteString("}\n")
	b.WriteString(wrkScript)
	return b.Bytes()
}

// parseWrk reads the line that wrk.lua prints: the word "wheelpit" and pairs name=value, times in microseconds.
func parseWrk(output string, plan *Plan) (*Result, error) {
	_, line, found := strings.Cut(output, "wheelpit ")
	line, _, _ = strings.Cut(line, "\n")
	values := make(map[string]int64)
	for _, pair := range strings.Fields(line) {
		name, text, _ := strings.Cut(pair, "=")
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("load: wrk printed %q", line)
		}
		values[name] = int64(v)
	}
	if !found || values["duration"] <= 0 {
		return nil, fmt.Errorf("load: wrk printed no figures: %s", strings.TrimSpace(output))
	}
	micros := func(name string) time.Duration { return time.Duration(values[name]) * time.Microsecond }
	r := &Result{Requests: values["requests"], Bytes: values["bytes"], Elapsed: micros("duration")}
	if plan.Requests[0].Count == 1 { // with pipelined requests wrk's percentiles are wrong (src/stats.c)
		r.Latency = Latency{P50: micros("p50"), P90: micros("p90"), P99: micros("p99"), P999: micros("p999"), Max: micros("max")}
	}
	r.Errors = Errors{Connect: values["connect"], Broken: values["broken"], Status: values["status"]}
	if plan.Requests[0].Status >= 400 {
		r.Errors.Status = r.Requests - values["status"]
	}
	if r.Errors.Total() > 0 {
		r.Errors.First = "wrk: " + line
	}
	r.Requests -= min(r.Errors.Status, r.Requests)
	return r, nil
}
