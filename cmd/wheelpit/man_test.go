package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestManPages: every verb has a page, groff finds no fault in it, and what is told is in it.
func TestManPages(t *testing.T) {
	dir := t.TempDir()
	if out, log, code := command(t, "", "man", dir); out+log != "" || code != 0 {
		t.Fatalf("%q, %q, %d", out, log, code)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.1"))
	for _, verb := range []string{"", "-serve", "-check", "-fmt", "-explain", "-routes", "-reload", "-upgrade", "-completion", "-completion-bash"} {
		if _, err := os.Stat(filepath.Join(dir, "wheelpit"+verb+".1")); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "wheelpit-man.1")); err == nil {
		t.Error("a hidden verb has a page")
	}
	groff, err := exec.LookPath("groff")
	for _, name := range names {
		text, _ := os.ReadFile(name)
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, ".") && !strings.Contains(".\\\" .TH .SH .PP .TP .nf .fi .br", strings.Fields(line)[0]) {
				t.Errorf("%s: %q is taken for a macro", name, line)
			}
		}
		if err != nil {
			continue
		}
		if out, err := exec.Command(groff, "-man", "-ww", "-z", "-Tutf8", name).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	if err != nil {
		t.Skip("groff is not installed")
	}
	out, err := exec.Command(groff, "-man", "-Tascii", "-P-cbou", filepath.Join(dir, "wheelpit-fmt.1")).Output()
	for _, part := range []string{"wheelpit-fmt - Format configuration files", "-w, --write", "wheelpit fmt --check nginx.conf conf.d/*.conf", "wheelpit(1)"} {
		if err != nil || !strings.Contains(string(out), part) {
			t.Errorf("%q is missing, %v, in\n%s", part, err, out)
		}
	}
}

func TestManOnStandardOutput(t *testing.T) {
	out, _, code := command(t, "", "man")
	if code != 0 || !strings.HasPrefix(out, ".\\\" Written") || !strings.Contains(out, `\fBexplain\fR`) || !strings.Contains(out, "\\-s signal") {
		t.Errorf("%d\n%s", code, out)
	}
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if out, _, code := command(t, "", "completion", shell); code != 0 || !strings.Contains(out, "wheelpit") {
			t.Errorf("%s: %d", shell, code)
		}
	}
	if out, told, code := command(t, "", "completion", "tcsh"); code != 2 || out != "" || !strings.Contains(told, "tcsh") {
		t.Errorf("tcsh: %d %q %q", code, out, told)
	}
}
