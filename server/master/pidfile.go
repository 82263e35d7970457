package master

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// oldSuffix marks the pid file of a master whose new binary is running.
const oldSuffix = ".oldbin"

// writePID makes the pid file. It is renamed into place, so whoever sees it sees a whole number; a directory that allows
// no new file leaves writing in place.
func writePID(name string) error {
	text := []byte(strconv.Itoa(os.Getpid()) + "\n")
	if replaceFile(name, text) == nil {
		return nil
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		return &errlog.OpenError{Name: name, Err: err}
	}
	return nil
}

// testPID checks that the pid file could be written, without leaving one behind.
func testPID(name string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err == nil {
		_ = f.Close()
		return os.Remove(name)
	}
	if errors.Is(err, os.ErrExist) {
		if f, err = os.OpenFile(name, os.O_WRONLY, 0); err == nil {
			return f.Close()
		}
	}
	return &errlog.OpenError{Name: name, Err: err}
}

// readPID returns the process a pid file names. The errors are NGINX's.
func readPID(name string) (int, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, &errlog.OpenError{Name: name, Err: err}
	}
	number := strings.TrimRight(string(text), "\r\n")
	pid, err := strconv.Atoi(number)
	if err != nil || pid <= 0 {
		return 0, fmt.Errorf(`invalid PID number "%s" in "%s"`, number, name)
	}
	return pid, nil
}

// signals are the names of -s.
var signals = map[string]syscall.Signal{
	"stop": syscall.SIGTERM, "quit": syscall.SIGQUIT, "reopen": syscall.SIGUSR1, "reload": syscall.SIGHUP,
}

// signalProcess does what -s asks for.
func signalProcess(name, pidFile string, log *errlog.Log) error {
	log.Printf(errlog.Notice, "signal process started")
	pid, err := readPID(pidFile)
	if err != nil {
		log.Printf(errlog.Error, "%s", err)
		return err
	}
	if err := syscall.Kill(pid, signals[name]); err != nil {
		log.Printf(errlog.Alert, "kill(%d, %d) failed %s", pid, int(signals[name]), errlog.Errno(err))
		return err
	}
	return nil
}
