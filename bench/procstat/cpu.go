package procstat

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// root is where procfs is mounted; tests point it at a directory of recorded files.
var root = "/proc"

// CPU is the account of the scheduler for a set of processes since they started.
type CPU struct {
	Run  time.Duration // on a CPU, user and kernel together
	Wait time.Duration // runnable, but another thread had the CPU
}

// Sub is the time spent between two readings.
func (c CPU) Sub(earlier CPU) CPU {
	return CPU{Run: c.Run - earlier.Run, Wait: c.Wait - earlier.Wait}
}

// ReadCPU adds up the threads of the given processes. A process that has ended is an error, since its figures would be
// missing from the sum; a thread that ends during the reading is left out.
func ReadCPU(pids []int) (CPU, error) {
	var sum CPU
	for _, pid := range pids {
		dir := filepath.Join(root, strconv.Itoa(pid), "task")
		threads, err := os.ReadDir(dir)
		if err != nil {
			return CPU{}, fmt.Errorf("procstat: threads of process %d: %w", pid, err)
		}
		for _, thread := range threads {
			one, err := readSchedstat(filepath.Join(dir, thread.Name(), "schedstat"))
			if errors.Is(err, fs.ErrNotExist) && len(threads) > 1 {
				continue
			}
			if err != nil {
				return CPU{}, err
			}
			sum.Run += one.Run
			sum.Wait += one.Wait
		}
	}
	return sum, nil
}

// readSchedstat reads "run wait slices" (Documentation/scheduler/sched-stats.rst), the times in nanoseconds.
func readSchedstat(path string) (CPU, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return CPU{}, fmt.Errorf("procstat: %w", err)
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return CPU{}, fmt.Errorf("procstat: %s: %q is not a schedstat line", path, text)
	}
	run, err1 := strconv.ParseInt(string(fields[0]), 10, 64)
	wait, err2 := strconv.ParseInt(string(fields[1]), 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return CPU{}, fmt.Errorf("procstat: %s: %w", path, err)
	}
	return CPU{Run: time.Duration(run), Wait: time.Duration(wait)}, nil
}
