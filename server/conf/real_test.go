package conf

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

// TestReal reads nginx.conf files of public projects, those of testdata/real.txt, and compares with nginx -t. They are not
// kept here: NGINX_REAL is a directory that has the repositories as OWNER/NAME. Print the table with
//
//	NGINX_REAL=/tmp/real [WHEELPIT=./wheelpit] go test ./server/conf -run Real -v
//
// Each file is tried where it belongs (main, http, server), and with it the directory it lies in, in a copy in which
// certificates, users, hosts and files that are not there are made up, as nginx asks for them; see realTree.
func TestReal(t *testing.T) {
	real := os.Getenv("NGINX_REAL")
	if real == "" {
		t.Skip("NGINX_REAL is no directory with the repositories of testdata/real.txt")
	}
	list, err := os.ReadFile("testdata/real.txt")
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for line := range strings.Lines(string(list)) {
		repo, path, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(repo, "#") {
			continue
		}
		row, good := tryReal(t, real, repo, path)
		if !good {
			t.Errorf("%s %s: %s", repo, path, row)
		}
		_, _ = w.Write([]byte(repo + "\t" + path + "\t" + row + "\n"))
	}
	_ = w.Flush()
	t.Log("\n" + table.String())
}

// tryReal compares one file, and reports whether both say the same of it. The row ends with what a server would not execute.
func tryReal(t *testing.T, real, repo, path string) (row string, good bool) {
	file := filepath.Join(real, filepath.FromSlash(repo), filepath.FromSlash(path))
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return "not there", true
	}
	tree := newRealTree(t, file)
	defer func() { row = strings.ReplaceAll(row, tree.dir+"/", "") }()
	main, want := tree.settle()
	_, errs := Load(main, Options{})
	got := firstOf(errs)
	for strings.HasPrefix(got, "open() ") && tree.makeUp(got) { // nginx did not come so far
		_, errs = Load(main, Options{})
		got = firstOf(errs)
	}
	switch {
	case want == got && want != "":
		return "refused by both: " + got, true
	case want == got:
		return "accepted by both; " + unserved(main), true
	case got == "":
		later := strings.HasPrefix(want, "unknown directive") || strings.HasPrefix(want, "invalid parameter")
		tls := strings.Contains(want, "ssl") // nobody looks at certificates yet
		return "accepted, nginx says: " + want, later || tls
	case want == "" && refusedOnly(errs):
		return "refused: " + got, true
	case isRemoved(errs):
		return "refused, as by NGINX since: " + got, true
	case strings.HasPrefix(want, "unknown directive") && strings.HasPrefix(got, "directive "):
		return "refused by both, here with the reason: " + got, true
	}
	return "nginx says " + quoted(want) + ", we say " + quoted(got), false
}

func quoted(s string) string {
	if s == "" {
		return "nothing"
	}
	return `"` + s + `"`
}

// refusedOnly tells whether the table gives the reason for every error.
func refusedOnly(errs Errors) bool {
	for _, e := range errs {
		if e.Level == Emerg && !strings.Contains(e.Message, "is not supported") {
			return false
		}
	}
	return true
}

// isRemoved tells whether the first error is about a directive that the nginx at hand still knows.
func isRemoved(errs Errors) bool {
	for _, e := range errs {
		if e.Level == Emerg {
			return strings.HasPrefix(e.Message, "unknown directive") && strings.HasPrefix(e.Hint, "NGINX ")
		}
	}
	return false
}

// tested asks the binary that WHEELPIT names, if it does, whether it would start.
func tested(main string) string {
	binary := os.Getenv("WHEELPIT")
	if binary == "" {
		return "served"
	}
	out, err := exec.Command(binary, "-t", "-p", filepath.Dir(main)+"/", "-c", main).CombinedOutput()
	if found := emerg.FindSubmatch(out); found != nil && err != nil {
		return "wheelpit -t: " + string(found[1])
	}
	return "served"
}

// unserved names the directives of a sound file that nothing executes.
func unserved(main string) string {
	_, errs := Load(main, Options{Serving: true})
	var names []string
	for _, e := range errs {
		if rest, ok := strings.CutPrefix(e.Message, `directive "`); ok && e.Level == Emerg {
			name, _, _ := strings.Cut(rest, `"`)
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if names == nil {
		return tested(main)
	}
	slices.Sort(names)
	return "not executed: " + strings.Join(names, " ")
}
