package rival

import (
	"context"
	"errors"
	"os/exec"

	"github.com/wheelpit/wheelpit/bench/report"
)

// Target is the server that all the others are rivals of, started by any command line.
type Target struct {
	Argv  []string // "--listen ADDR --dir DIR" is appended
	Build string   // its version
}

// TargetName is the name of the target in reports.
const TargetName = report.Subject

func (Target) Name() string      { return TargetName }
func (Target) Features() Feature { return Fixed | AllFiles | ETags | Routes }

// Version is an error when there is no command line.
func (t Target) Version(context.Context) (string, error) {
	if len(t.Argv) == 0 {
		return "", errors.New("rival: no command that starts " + TargetName)
	}
	return t.Build, nil
}

func (t Target) Command(site Site) (*exec.Cmd, error) {
	args := append(t.Argv[1:len(t.Argv):len(t.Argv)], "--listen", site.Addr.String(), "--dir", site.Root)
	return exec.Command(t.Argv[0], args...), nil
}
