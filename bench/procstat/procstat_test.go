package procstat

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// fakeProc makes a procfs of the given files for the time of a test.
func fakeProc(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := root
	root = dir
	t.Cleanup(func() { root = before })
}

func TestReadCPUSumsThreadsAndProcesses(t *testing.T) {
	fakeProc(t, map[string]string{
		"10/task/10/schedstat": "1000 1 5\n",
		"10/task/11/schedstat": "2000 2 5\n",
		"12/task/12/schedstat": "40000 30 9\n",
		"13/task/13/schedstat": "7 7 7\n",
		"14/task/14/schedstat": "\n",
		"15/task/15/schedstat": "x 1 1\n",
	})
	if err := os.Mkdir(filepath.Join(root, "10/task/99"), 0o755); err != nil { // a thread that ends while it is read
		t.Fatal(err)
	}
	got, err := ReadCPU([]int{10, 12})
	if err != nil {
		t.Fatal(err)
	}
	if want := (CPU{Run: 43000, Wait: 33}); got != want {
		t.Errorf("ReadCPU = %+v, want %+v", got, want)
	}
	if d := got.Sub(CPU{Run: 3000, Wait: 3}); d != (CPU{Run: 40 * time.Microsecond, Wait: 30}) {
		t.Errorf("Sub = %+v", d)
	}
	for _, pid := range []int{14, 15, 16} {
		if _, err := ReadCPU([]int{10, pid}); err == nil || !strings.HasPrefix(err.Error(), "procstat: ") {
			t.Errorf("process %d: error %v", pid, err)
		}
	}
}

func TestTreeFindsGrandchildren(t *testing.T) {
	fakeProc(t, map[string]string{
		"1/stat":   "1 (init) S 0 1",
		"20/stat":  "20 (nginx: master) S 1 20",
		"21/stat":  "21 (odd ) (name) S 20 20",
		"9/stat":   "9 (late pid) R 21 20",
		"30/stat":  "30 (other) S 1 30",
		"31/stat":  "31 (broken",
		"self/x":   "",
		"40/other": "a process that has just ended",
	})
	got, err := Tree(20)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{9, 20, 21}; !slices.Equal(got, want) {
		t.Errorf("Tree(20) = %v, want %v", got, want)
	}
}

func TestReadMemory(t *testing.T) {
	fakeProc(t, map[string]string{
		"5/smaps_rollup": "55d0-7ffc ---p 0 00:00 0 [rollup]\nRss:     1024 kB\nPss:      512 kB\nPss_Dirty:  1 kB\n",
		"6/smaps_rollup": "x\nRss:  4 kB\nPss:  2 kB\n",
		"7/smaps_rollup": "x\nRss:  4 kB\n",
	})
	got, err := ReadMemory([]int{5, 6})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Memory{RSS: 1028 << 10, PSS: 514 << 10}); got != want {
		t.Errorf("ReadMemory = %+v, want %+v", got, want)
	}
	if _, err := ReadMemory([]int{7}); err == nil {
		t.Error("a file without Pss was accepted")
	}
}

func TestReadSystem(t *testing.T) {
	fakeProc(t, map[string]string{"stat": "cpu  100 1 50 800 20 3 6 20 0 0\ncpu0 1 2\n"})
	got, err := ReadSystem()
	if err != nil {
		t.Fatal(err)
	}
	if want := (System{Total: 1000, Idle: 820, Steal: 20}); got != want {
		t.Errorf("ReadSystem = %+v, want %+v", got, want)
	}
	if share := got.StealShare(); share != 0.02 {
		t.Errorf("StealShare() = %v", share)
	}
	if (System{}).StealShare() != 0 {
		t.Error("no time passed, yet some was stolen")
	}
	fakeProc(t, map[string]string{"stat": "intr 1\n"})
	if _, err := ReadSystem(); err == nil {
		t.Error("a foreign file was accepted")
	}
}
