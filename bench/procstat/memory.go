package procstat

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Memory is the resident memory of a set of processes, in bytes.
type Memory struct {
	RSS int64 // pages in memory, shared ones counted in each process
	PSS int64 // the same, a page shared by n processes counted as 1/n
}

// ReadMemory adds up /proc/PID/smaps_rollup. Reading it walks the page tables, so not while a server is timed.
func ReadMemory(pids []int) (Memory, error) {
	var sum Memory
	for _, pid := range pids {
		path := filepath.Join(root, strconv.Itoa(pid), "smaps_rollup")
		text, err := os.ReadFile(path)
		if err != nil {
			return Memory{}, fmt.Errorf("procstat: %w", err)
		}
		rss, ok1 := kilobytes(text, "Rss:")
		pss, ok2 := kilobytes(text, "Pss:")
		if !ok1 || !ok2 {
			return Memory{}, fmt.Errorf("procstat: %s has no Rss or Pss line", path)
		}
		sum.RSS += rss
		sum.PSS += pss
	}
	return sum, nil
}

// kilobytes finds the line "Name:   123 kB" and returns its value in bytes.
func kilobytes(text []byte, name string) (int64, bool) {
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) == 3 && string(fields[0]) == name {
			kb, err := strconv.ParseInt(string(fields[1]), 10, 64)
			return kb << 10, err == nil
		}
	}
	return 0, false
}
