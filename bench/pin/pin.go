// Package pin puts threads and child processes on one CPU, so that a server and its load never compete for a core.
//
// Affinity is inherited: a child started by [Start] keeps it in all its threads and children, and a Go child sees one
// CPU, so its GOMAXPROCS is 1 without being told.
package pin

import (
	"os/exec"
	"runtime"
)

// Start starts cmd with all its threads on the given CPU. A negative cpu leaves the choice to the scheduler.
func Start(cmd *exec.Cmd, cpu int) error {
	if cpu < 0 {
		return cmd.Start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	restore, err := setThread(cpu)
	if err != nil {
		return err
	}
	defer restore()
	return cmd.Start()
}

// Thread locks the calling goroutine to its thread and that thread to the CPU, until release is called.
// A negative cpu only locks the thread.
func Thread(cpu int) (release func(), err error) {
	runtime.LockOSThread()
	if cpu < 0 {
		return runtime.UnlockOSThread, nil
	}
	restore, err := setThread(cpu)
	if err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	return func() {
		restore()
		runtime.UnlockOSThread()
	}, nil
}
