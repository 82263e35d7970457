package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const untidy, tidy = "events{}\nhttp{gzip  on;}\n", "events {}\nhttp {\n    gzip on;\n}\n"

// command runs the program in this process and returns what it wrote and its exit code.
func command(t *testing.T, stdin string, args ...string) (out, log string, code int) {
	t.Helper()
	var a, b strings.Builder
	root := newRoot(&a)
	root.SetErr(&b)
	root.SetIn(strings.NewReader(stdin))
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	var exit exitError
	switch {
	case asExit(err, &exit):
		code = exit.code
		if exit.err != nil {
			b.WriteString(exit.err.Error())
		}
	case err != nil:
		code = exitFailure
		b.WriteString(err.Error())
	}
	return a.String(), b.String(), code
}

func fmtFile(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestFmtWrites(t *testing.T) {
	if out, log, code := command(t, untidy, "fmt", "-"); out != tidy || log != "" || code != 0 {
		t.Errorf("standard input: %q, %q, %d", out, log, code)
	}
	file := fmtFile(t, "nginx.conf", untidy)
	if out, _, code := command(t, "", "fmt", file); out != tidy || code != 0 {
		t.Errorf("file: %q, %d", out, code)
	}
	link := file + ".link"
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if out, log, code := command(t, "", "fmt", "-w", link); out+log != "" || code != 0 {
		t.Errorf("-w: %q, %q, %d", out, log, code)
	}
	text, _ := os.ReadFile(file)
	st, _ := os.Lstat(file)
	if l, err := os.Readlink(link); string(text) != tidy || st.Mode() != 0o640 || err != nil || l != file {
		t.Errorf("after -w: %q, %v, link %q %v", text, st.Mode(), l, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".wheelpit-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestFmtCheck(t *testing.T) {
	bad, good, broken := fmtFile(t, "bad.conf", untidy), fmtFile(t, "good.conf", tidy), fmtFile(t, "broken.conf", "http {")
	if out, log, code := command(t, "", "fmt", "--check", bad, good); out != bad+"\n" || log != "" || code != 1 {
		t.Errorf("%q, %q, %d", out, log, code)
	}
	if out, log, code := command(t, "", "fmt", "--check", good); out+log != "" || code != 0 {
		t.Errorf("%q, %q, %d", out, log, code)
	}
	out, log, code := command(t, "", "fmt", broken, good)
	if out != tidy || code != 1 || !strings.HasPrefix(log, `wheelpit: [emerg] unexpected end of file, expecting "}" in `+broken+":1\n") {
		t.Errorf("%q, %q, %d", out, log, code)
	}
	if _, log, code := command(t, "", "fmt", filepath.Join(t.TempDir(), "absent")); code != 1 || !strings.Contains(log, "no such file") {
		t.Errorf("%q, %d", log, code)
	}
	if _, _, code := command(t, "", "fmt", "--check", "-w", good); code != exitUsage {
		t.Errorf("--check -w: %d", code)
	}
	if _, _, code := command(t, "", "fmt"); code != exitUsage {
		t.Errorf("without a file: %d", code)
	}
}
