// Package rival starts the servers that are measured, each with a configuration that asks the same of it.
//
// Equal means: one worker on one CPU, no access log, keep-alive without limits of time or number, files sent as the
// server does it best when it may cache open files, the same content types. What a server cannot do it is not asked
// for ([Feature]); where it has to do it in another way, its file here says so.
//
// The configuration is written to a directory of its own, so that nothing of an installed server is touched or used.
// [RunBuiltin] is the server side of the rivals that are Go libraries: they run as children of the same binary.
package rival

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// Feature is a set of things that a server can be asked to do.
type Feature uint

const (
	Fixed      Feature = 1 << iota // GET /hello answers "Hello, World!" as text/plain
	Files                          // GET of a file below the root, whole or a range, 404 without one
	SmallFiles                     // of that, whole files up to SmallFile bytes, and 404
	OneRange                       // of that, the range that is measured
	ETags                          // validators: ETag and If-None-Match
	Conf                           // the locations of confLocations, from one nginx.conf for all who can read it
	Relay                          // of that, what a program that reads no configuration can do: pass on what is small, and answer from memory
	Routes                         // GET /api/{a}/b/{b}/c/{c} behind five middlewares, and /worker, answer as /hello does
)

// AllFiles is what a file server can do.
const AllFiles = Files | SmallFiles | OneRange

// SmallFile is the longest file, in bytes, that SmallFiles is about.
const SmallFile = 128 << 10

// FixedAnswer is the content of the fixed answer.
const FixedAnswer = "Hello, World!"

// Site is what a server has to serve.
type Site struct {
	Root        string         // directory of the files
	Work        string         // a directory for its own files, which exists
	Addr        netip.AddrPort // to listen on
	Connections int            // to hold open at the same time
	// Backend and UWSGI are the application servers that requests are passed on to; see StartBackends.
	Backend, UWSGI netip.AddrPort
}

// Rival is a server that can be measured.
type Rival interface {
	Name() string
	Features() Feature
	// Version is how the server calls itself; an error means that it is not installed.
	Version(ctx context.Context) (string, error)
	// Command writes the configuration for the site and returns the command that serves it in the foreground.
	Command(site Site) (*exec.Cmd, error)
}

// Installed lists the rivals that can run here: the servers in the PATH, and the built-in ones, which self starts
// (the arguments of a program that calls RunBuiltin with the three arguments behind them).
func Installed(ctx context.Context, self []string) []Rival {
	all := []Rival{nginx{}, floor{}, h2o{}, lighttpd{}, haproxy{}, builtin{FastHTTP, self}, builtin{NetHTTP, self}, builtin{Chi, self}}
	var found []Rival
	for _, r := range all {
		if _, err := r.Version(ctx); err == nil {
			found = append(found, r)
		}
	}
	return found
}

// versionOf runs a program and returns the first match of pattern in what it prints, on either stream.
func versionOf(ctx context.Context, pattern *regexp.Regexp, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("rival: %s: %w", name, err)
	}
	match := pattern.Find(out)
	if match == nil {
		return "", fmt.Errorf("rival: %s printed no version", name)
	}
	return string(match), nil
}

// writeConfig writes a file to the site's work directory and returns its path.
func writeConfig(site Site, name, text string) (string, error) {
	path := filepath.Join(site.Work, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return "", fmt.Errorf("rival: %w", err)
	}
	return path, nil
}

// runsAsRoot tells whether servers would change to an unprivileged user, who may not be able to read the site.
func runsAsRoot() bool { return os.Getuid() == 0 }
