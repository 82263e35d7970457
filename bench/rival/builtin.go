package rival

import (
	"context"
	"fmt"
	"mime"
	"os/exec"
	"runtime"
	"runtime/debug"
)

// The names of the built-in rivals.
const (
	FastHTTP = "fasthttp"
	NetHTTP  = "net/http"
	Chi      = "chi"
)

// builtin is a server of a Go library, started as a child of this binary.
type builtin struct {
	name string
	self []string
}

func (b builtin) Name() string { return b.name }

// Features of chi leave its files out: they are net/http's.
func (b builtin) Features() Feature {
	if b.name == Chi {
		return Fixed | Routes
	}
	return Fixed | AllFiles | Routes
}

// Version is that of the library, or an error when the binary cannot start itself.
func (b builtin) Version(context.Context) (string, error) {
	if len(b.self) == 0 {
		return "", fmt.Errorf("rival: %s: no command that starts it", b.name)
	}
	switch b.name {
	case NetHTTP:
		return NetHTTP + " " + runtime.Version(), nil
	case Chi:
		return Chi + " " + moduleVersion("github.com/go-chi/chi/v5"), nil
	}
	return b.name + " " + moduleVersion("github.com/valyala/fasthttp"), nil
}

func (b builtin) Command(site Site) (*exec.Cmd, error) {
	args := append(b.self[1:len(b.self):len(b.self)], b.name, site.Addr.String(), site.Root)
	return exec.Command(b.self[0], args...), nil
}

// moduleVersion is the version of a module in this binary.
func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "unknown"
}

// RunBuiltin serves dir on addr with the named library until ctx ends. It is what the hidden command of the binary
// calls, in a process of its own.
func RunBuiltin(ctx context.Context, name, addr, dir string) error {
	for extension, media := range map[string]string{".txt": "text/plain", ".bin": "application/octet-stream"} {
		if err := mime.AddExtensionType(extension, media); err != nil {
			return fmt.Errorf("rival: %w", err)
		}
	}
	switch name {
	case FastHTTP:
		return runFastHTTP(ctx, addr, dir)
	case NetHTTP:
		return runNetHTTP(ctx, addr, dir)
	case Chi:
		return runChi(ctx, addr, dir)
	case uwsgiName:
		return runUWSGI(ctx, addr)
	}
	return fmt.Errorf("rival: no built-in server %q", name)
}
