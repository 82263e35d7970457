package rival

import (
	"context"
	_ "embed" // the floor's source
	"errors"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strconv"
)

//go:embed floor/floor.c
var floorSource string

// floor, report.Floor, is a loop in C that parses nothing and answers from memory: it measures the kernel. The design's budgets stand
// between it and nginx, and where it stands depends on the processor. It is compiled when it is needed, with cc.
type floor struct{}

func (floor) Name() string { return "floor" }

// Features of the floor: files up to 128 KiB, whole or the one range that is measured, 404, and passing on what is small.
func (floor) Features() Feature { return Fixed | SmallFiles | OneRange | Relay }

func (floor) Version(context.Context) (string, error) {
	if _, err := exec.LookPath("cc"); err != nil {
		return "", errors.New("rival: the floor needs cc")
	}
	return "floor (C, epoll)", nil
}

// Command compiles the floor beside its site.
func (floor) Command(site Site) (*exec.Cmd, error) {
	source, err := writeConfig(site, "floor.c", floorSource)
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(site.Work, "floor")
	if out, err := exec.Command("cc", "-O2", "-o", binary, source).CombinedOutput(); err != nil {
		return nil, errors.New("rival: cc: " + string(out))
	}
	args := []string{port(site.Addr), site.Root}
	if site.Backend.IsValid() {
		args = append(args, port(site.Backend), port(site.UWSGI))
	}
	return exec.Command(binary, args...), nil
}

func port(a netip.AddrPort) string { return strconv.Itoa(int(a.Port())) }
