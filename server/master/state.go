package master

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// stateSuffix marks the file in which a master or single process tells of itself, beside its pid file.
const stateSuffix = ".state"

// State is what a running server tells those who wait for it: the verbs of the command line. It is a file of JSON beside the
// pid file, replaced at every change, and removed at the end.
type State struct {
	// PID is the master, or the process that serves by itself.
	PID int `json:"pid"`
	// Generation counts the configurations that served, from 1; Attempts the reloads that came to their end, and Failed those
	// of them that kept the old configuration.
	Generation, Attempts, Failed int
	// Reloading says that a reload is on its way.
	Reloading bool
	// Workers are the processes that serve the present configuration, Retiring those that finish an older one.
	Workers, Retiring []int
	// Reopened counts reopened logs, FailedUpgrades new binaries that ended.
	Reopened, FailedUpgrades int
	// Background says that the process is a daemon, which WINCH has stop its workers.
	Background bool
	// ErrorLogs are the files that faults are written to.
	ErrorLogs []string
}

// ReadState returns what the server of a pid file tells. The error is fs.ErrNotExist for a server that tells nothing, as nginx.
func ReadState(pidFile string) (s State, err error) {
	text, err := os.ReadFile(pidFile + stateSuffix)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return s, fmt.Errorf("master: state: %w", err)
	}
	return s, nil
}

// stateFile is where the state of this process lies: while a new binary runs beside it, with the old pid file.
func (m *base) stateFile(replaced bool) string {
	if replaced {
		return m.pidFile + oldSuffix + stateSuffix
	}
	return m.pidFile + stateSuffix
}

// tellState writes the state where it belongs.
func (m *base) tellState(replaced bool) {
	if m.pidFile != "" {
		m.writeState(m.stateFile(replaced))
	}
}

// writeState writes the state. Nothing depends on it but those who wait, so a failure is only logged.
func (m *base) writeState(name string) {
	m.state.PID, m.state.Background = os.Getpid(), m.daemonized
	text, err := json.Marshal(&m.state)
	if err != nil {
		return // cannot be: it is numbers and names
	}
	if err := replaceFile(name, append(text, '\n')); err != nil {
		m.log.Printf(errlog.Info, "%s", err)
	}
}

// replaceFile puts a text where a file is or will be, so that readers find the old or the new one whole.
func replaceFile(name string, text []byte) error {
	tmp := name + "." + strconv.Itoa(os.Getpid())
	_ = os.Remove(tmp)
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) // never through a link that somebody has laid
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		_ = os.Remove(tmp)
	}
	return err
}

// reloaded notes the end of a reload, or of the start.
func (m *base) reloaded(g *generation, ok bool) {
	if g == nil || !g.boot {
		m.state.Attempts++
	}
	if ok {
		m.state.Generation++
		m.state.ErrorLogs = g.conf.errorFiles()
	} else {
		m.state.Failed++
	}
}

// tellWorkersState writes the state with the workers as they are now.
func (m *master) tellWorkersState() {
	s := &m.state
	s.Workers, s.Retiring = []int{}, []int{}
	for _, p := range m.workers(all) {
		switch {
		case p.exiting || p.gen != m.current && p.gen != m.next:
			s.Retiring = append(s.Retiring, p.pid)
		case p.gen == m.current && p.ready:
			s.Workers = append(s.Workers, p.pid)
		}
	}
	s.Reloading = m.next != nil && m.current != nil || m.again
	m.tellState(m.newBinary != nil)
}

// alive tells whether a process exists and has not ended.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// ended says that a process is gone, or has ended with all its threads and only waits for its parent to notice; the latter is
// known where there is a /proc.
func ended(pid int) bool {
	if !alive(pid) {
		return true
	}
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest) // from the state on; proc(5)
	return len(f) > 17 && f[0] == "Z" && f[17] == "1"
}
