package master

import (
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// fdStarter is where a process in the background tells the one that started it that it serves.
const fdStarter = 3

// masterTitle stands between the name and the command line in what ps shows of a master in the background, as NGINX has it. Scripts
// look for it.
const masterTitle = ": master process "

func titled(argv []string) []string {
	return append([]string{filepath.Base(argv[0]) + masterTitle + argv[0]}, argv[1:]...)
}

// untitled is the command line that titled was given.
func untitled(argv []string) []string {
	if _, program, ok := strings.Cut(argv[0], masterTitle); ok {
		return append([]string{program}, argv[1:]...)
	}
	return argv
}

// daemonize executes the program again in a session of its own and returns the exit code: 0 when that process serves, 1
// when it has ended before. Go cannot fork, so it begins anew: it reads the configuration and opens the sockets itself,
// and what goes wrong it says on the standard error that is still this process's.
func (m *base) daemonize() int {
	path, err := self()
	if err != nil {
		m.log.Printf(errlog.Alert, "%s", err)
		return 1
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		m.log.Printf(errlog.Alert, "%s", err)
		return 1
	}
	served, to, err := os.Pipe()
	if err != nil {
		m.log.Printf(errlog.Alert, "%s", err)
		return 1
	}
	_, _, err = syscall.StartProcess(path, titled(m.argv), &syscall.ProcAttr{
		Env: childEnv(envRole + "=" + roleDaemon), Files: []uintptr{null.Fd(), null.Fd(), 2, to.Fd()},
		Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		m.log.Printf(errlog.Emerg, "fork() failed %s", errlog.Errno(err))
		return 1
	}
	signal.Reset() // whoever is tired of waiting may interrupt
	_ = to.Close()
	if n, _ := io.ReadFull(served, make([]byte, 1)); n == 0 {
		return 1
	}
	return 0
}

// tellStarter tells the process that started this one in the background that it may exit.
func tellStarter() {
	_, _ = syscall.Write(fdStarter, []byte{1})
	_ = syscall.Close(fdStarter)
}
