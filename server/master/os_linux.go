package master

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// deferSeconds is how long a connection may wait for its request before it is handed over all the same (NGINX:
// client_header_timeout, 60 s).
const deferSeconds = 60

// newSocket makes a non-blocking stream socket that is closed on exec.
func newSocket(family int) (int, error) {
	return unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
}

// tcpOptions are the options of listen that Linux has.
func (l *Listen) tcpOptions() (list []option) {
	add := func(name, value int, text string) {
		if value > 0 {
			list = append(list, option{unix.IPPROTO_TCP, name, value, fmt.Sprintf("%s, %d", text, value)})
		}
	}
	add(unix.TCP_KEEPIDLE, l.KeepAlive.Idle, "TCP_KEEPIDLE")
	add(unix.TCP_KEEPINTVL, l.KeepAlive.Interval, "TCP_KEEPINTVL")
	add(unix.TCP_KEEPCNT, l.KeepAlive.Count, "TCP_KEEPCNT")
	add(unix.TCP_FASTOPEN, l.FastOpen, "TCP_FASTOPEN")
	add(unix.TCP_DEFER_ACCEPT, deferSeconds*number(l.Deferred), "TCP_DEFER_ACCEPT")
	return list
}

// newSharedFile makes a file that lies in memory and has no name.
func newSharedFile() (*os.File, error) {
	fd, err := unix.MemfdCreate("wheelpit", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return os.NewFile(uintptr(fd), "shared"), nil
}

// self is the running program, also when its file was replaced.
func self() (string, error) {
	const path = "/proc/self/exe"
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return os.Executable()
}

// nameSelf gives the process the name that ps and pgrep show; executed as /proc/self/exe it would be called "exe".
func nameSelf(argv0 string) {
	_ = os.WriteFile("/proc/self/comm", []byte(filepath.Base(argv0)), 0)
}

// setPriority sets the niceness of the process.
func setPriority(nice int) error {
	return everyThread(func(tid int) error { return unix.Setpriority(unix.PRIO_PROCESS, tid, nice) })
}

// setAffinity has the process run on those processors only.
func setAffinity(cpus []int) error {
	var set unix.CPUSet
	for _, cpu := range cpus {
		set.Set(cpu)
	}
	return everyThread(func(tid int) error { return unix.SchedSetaffinity(tid, &set) })
}

// everyThread does something to every thread: Linux keeps niceness and processors for each, and those to come inherit them. It goes on
// until it meets no thread that it has not seen, as one may be born meanwhile.
func everyThread(f func(tid int) error) error {
	seen := map[int]bool{}
	for {
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		found := false
		for _, t := range tasks {
			tid, _ := strconv.Atoi(t.Name())
			if seen[tid] {
				continue
			}
			if err := f(tid); err != nil && err != unix.ESRCH {
				return err
			}
			seen[tid], found = true, true
		}
		if !found {
			return nil
		}
	}
}

// system names the operating system and its version.
func system() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "Linux"
	}
	return unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
}

func setRlimit(resource int, value int64) error {
	return syscall.Setrlimit(resource, &syscall.Rlimit{Cur: uint64(value), Max: uint64(value)})
}
