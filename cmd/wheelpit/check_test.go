package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// check runs the command on a text and returns its output, what it logs, and its error.
func check(t *testing.T, text string, o checkOptions) (out, log string, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nginx.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var a, b strings.Builder
	err = runCheck(&a, &b, file, o)
	return a.String(), strings.ReplaceAll(b.String(), file, "FILE"), err
}

func TestCheckAccepts(t *testing.T) {
	out, log, err := check(t, "events { }\nhttp { gzip on; }\n", checkOptions{compat: true})
	want := "wheelpit: the configuration file FILE syntax is ok\nwheelpit: configuration file FILE test is successful\n"
	if err != nil || log != want {
		t.Errorf("%v\n%s", err, log)
	}
	if !strings.Contains(out, "gzip") || !strings.HasSuffix(out, "3 supported\n") {
		t.Errorf("--compat printed\n%s", out)
	}
}

func TestCheckReportsAll(t *testing.T) {
	_, log, err := check(t, "evnts { }\nhttp { gzip 1; }\n", checkOptions{short: true, global: "foo;"})
	want := `wheelpit: [emerg] unknown directive "foo" in command line
wheelpit: [emerg] unknown directive "evnts" in FILE:1
wheelpit: [emerg] invalid value "1" in "gzip" directive, it must be "on" or "off" in FILE:2
wheelpit: configuration file FILE test failed
`
	if log != want {
		t.Errorf("got\n%swant\n%s", log, want)
	}
	var code exitError
	if !asExit(err, &code) || code.code != exitFailure {
		t.Errorf("the error is %v", err)
	}
}

func asExit(err error, to *exitError) bool {
	e, ok := err.(exitError)
	*to = e
	return ok
}
