//go:build linux

package pin

import (
	"bytes"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestStartPinsTheChildOnly(t *testing.T) {
	cpus := CPUs()
	if len(cpus) == 0 {
		t.Fatal("no CPU to run on")
	}
	last := cpus[len(cpus)-1]
	var out bytes.Buffer
	cmd := exec.Command("grep", "Cpus_allowed_list", "/proc/self/status")
	cmd.Stdout = &out
	if err := Start(cmd, last); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(out.String(), ":")
	if got := strings.TrimSpace(list); got != strconv.Itoa(last) {
		t.Errorf("the child may run on %q, want %d", got, last)
	}
	if got := CPUs(); !slices.Equal(got, cpus) {
		t.Errorf("the parent may run on %v afterwards, before it was %v", got, cpus)
	}
}

func TestThread(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := CPUs()
	release, err := Thread(before[0])
	if err != nil {
		t.Fatal(err)
	}
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil || set.Count() != 1 || !set.IsSet(before[0]) {
		t.Errorf("the thread may run on %v: %v", CPUs(), err)
	}
	release()
	if got := CPUs(); !slices.Equal(got, before) {
		t.Errorf("after release %v, before %v", got, before)
	}
	if _, err := Thread(1023); err == nil {
		t.Error("a CPU that does not exist was accepted")
	}
}

func TestRaiseFileLimit(t *testing.T) {
	got, err := RaiseFileLimit()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("sh", "-c", "ulimit -n").Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := strconv.FormatUint(got, 10); strings.TrimSpace(string(out)) != want {
		t.Errorf("a child has the limit %s, want %s", out, want)
	}
}
