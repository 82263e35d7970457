package procstat

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// System is the first line of /proc/stat: clock ticks of all CPUs together since boot.
type System struct {
	Total int64
	Idle  int64 // idle and iowait
	Steal int64 // the hypervisor ran something else
}

// Sub is what passed between two readings.
func (s System) Sub(earlier System) System {
	return System{Total: s.Total - earlier.Total, Idle: s.Idle - earlier.Idle, Steal: s.Steal - earlier.Steal}
}

// StealShare is the share of time, 0 to 1, that the hypervisor took away.
func (s System) StealShare() float64 {
	if s.Total <= 0 {
		return 0
	}
	return float64(s.Steal) / float64(s.Total)
}

// ReadSystem reads the state of the machine. Fields: user nice system idle iowait irq softirq steal (proc(5)); the
// guest times that follow are already part of user and nice.
func ReadSystem() (System, error) {
	path := filepath.Join(root, "stat")
	text, err := os.ReadFile(path)
	if err != nil {
		return System{}, fmt.Errorf("procstat: %w", err)
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) < 9 || string(fields[0]) != "cpu" {
		return System{}, fmt.Errorf("procstat: %s begins with %q", path, line)
	}
	var ticks [8]int64
	var sum System
	for i := range ticks {
		ticks[i], err = strconv.ParseInt(string(fields[i+1]), 10, 64)
		if err != nil {
			return System{}, errors.Join(fmt.Errorf("procstat: %s", path), err)
		}
		sum.Total += ticks[i]
	}
	sum.Idle, sum.Steal = ticks[3]+ticks[4], ticks[7]
	return sum, nil
}
