package rival

import (
	"context"
	"errors"
	"os/exec"
)

// Front is the target as a front server: it reads the very file that nginx reads.
type Front struct {
	Argv  []string // the program
	Build string
}

// Name is that of the target: a scenario has one or the other.
func (Front) Name() string { return TargetName }

// Features are those that need a configuration.
func (Front) Features() Feature { return Conf | Relay }

// Version is an error when there is no program.
func (f Front) Version(context.Context) (string, error) {
	if len(f.Argv) == 0 {
		return "", errors.New("rival: no program that reads nginx.conf")
	}
	return f.Build, nil
}

// Command serves the configuration.
func (f Front) Command(site Site) (*exec.Cmd, error) { return nginxCommand(site, f.Argv...) }
