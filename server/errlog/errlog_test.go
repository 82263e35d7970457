package errlog

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// body cuts date, time and process off the lines of a log, after checking them.
func body(t *testing.T, text string) string {
	t.Helper()
	prefix := regexp.MustCompile(fmt.Sprintf(`^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (\[[a-z]+\]) %d#%d: (.*)$`, os.Getpid(), os.Getpid()))
	var b strings.Builder
	for line := range strings.Lines(text) {
		m := prefix.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			t.Fatalf("not a line of the log: %q", line)
		}
		b.WriteString(m[1] + " " + m[2] + "\n")
	}
	return b.String()
}

func TestLine(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	if got, want := string(appendLine(nil, at, Emerg, 0, "text")), "2026/11/21 12:00:00 [emerg] "+pid+"#"+pid+": text\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := string(appendLine(nil, at, Debug, 7, "a\nb\x1b[m\x7f")), "2026/11/21 12:00:00 [debug] "+pid+"#"+pid+`: *7 a\x0Ab\x1B[m\x7F`+"\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	long := appendLine([]byte("before"), at, Info, 0, strings.Repeat("x", 3*MaxLine))
	if len(long) != len("before")+MaxLine || long[len(long)-1] != '\n' {
		t.Errorf("a long line has %d bytes", len(long))
	}
}

// FuzzLine: whatever the text, a line is one line within its bound.
func FuzzLine(f *testing.F) {
	f.Add("text", uint64(0))
	f.Add("a\r\nb", uint64(12))
	f.Fuzz(func(t *testing.T, text string, conn uint64) {
		line := appendLine(nil, time.Now(), Warn, conn, text)
		if len(line) > MaxLine || bytes.IndexByte(line, '\n') != len(line)-1 {
			t.Errorf("%q", line)
		}
	})
}

func TestErrno(t *testing.T) {
	for want, err := range map[string]error{
		fmt.Sprintf("(%d: Address already in use)", int(syscall.EADDRINUSE)): &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)},
		"(2: No such file or directory)":                                     &os.PathError{Op: "open", Path: "x", Err: syscall.ENOENT},
		"(13: Permission denied)":                                            syscall.EACCES,
		"(own text)":                                                         errors.New("own text"),
	} {
		if got := Errno(err); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestLevels(t *testing.T) {
	for i, name := range levelNames[1:] {
		l, ok := ParseLevel(name)
		if !ok || l != Level(i+1) || l.String() != name {
			t.Errorf("%s: %d %v", name, l, ok)
		}
	}
	for _, name := range []string{"", "EMERG", "warning", "debug_http"} {
		if l, ok := ParseLevel(name); ok {
			t.Errorf("%q is level %v", name, l)
		}
	}
	var b bytes.Buffer
	log := Writer(&b, Warn)
	for l := Emerg; l <= Debug; l++ {
		if log.Enabled(l) != (l <= Warn) {
			t.Errorf("%v enabled: %v", l, log.Enabled(l))
		}
		log.Printf(l, "%d", l)
	}
	if got, want := body(t, b.String()), "[emerg] 1\n[alert] 2\n[crit] 3\n[error] 4\n[warn] 5\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTargets(t *testing.T) {
	dir := t.TempDir()
	all, bad := filepath.Join(dir, "all"), filepath.Join(dir, "bad")
	log, err := Open(Target{all, Info}, Target{bad, Error})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	var console bytes.Buffer
	log.Console(&console)
	log.Printf(Info, "one")
	log.Printf(Warn, "two")
	log.Explain("  what to do about it\n")
	log.Write(Error, 5, "three")
	log.Printf(Debug, "four")
	log.Console(nil)
	log.Printf(Emerg, "five")
	log.Explain("nobody is told")
	for name, want := range map[string]string{all: "[info] one\n[warn] two\n[error] *5 three\n[emerg] five\n", bad: "[error] *5 three\n[emerg] five\n"} {
		b, err := os.ReadFile(name)
		if err != nil || body(t, string(b)) != want {
			t.Errorf("%s: %q, %v; want %q", name, b, err, want)
		}
	}
	if want := "nginx: [warn] two\n  what to do about it\nnginx: [error] three\n"; console.String() != want {
		t.Errorf("console %q, want %q", console.String(), want)
	}
}

func TestOpenFails(t *testing.T) {
	name := filepath.Join(t.TempDir(), "none", "log")
	_, err := Open(Target{name, Info})
	if want := `open() "` + name + `" failed (2: No such file or directory)`; err == nil || err.Error() != want || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, want %s", err, want)
	}
	for _, to := range []string{"memory:32m", "syslog:", "syslog:server=unix:/x,facility=none"} {
		if _, err := Open(Target{to, Info}); err == nil {
			t.Errorf("%s was opened", to)
		}
	}
}

// TestReopen rotates a log while others write to it: no line is lost, none is torn.
func TestReopen(t *testing.T) {
	const writers, each, rotations = 4, 500, 20
	dir := t.TempDir()
	name := filepath.Join(dir, "log")
	log, err := Open(Target{name, Info})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				log.Printf(Info, "%d %d", w, i)
			}
		})
	}
	for i := range rotations {
		if err := os.Rename(name, fmt.Sprintf("%s.%d", name, i)); err != nil {
			t.Fatal(err)
		}
		if err := log.Reopen(); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	log.Close()
	files, err := filepath.Glob(name + "*")
	if err != nil || len(files) != rotations+1 {
		t.Fatalf("%v, %v", files, err)
	}
	lines := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		lines += strings.Count(body(t, string(b)), "\n")
	}
	if lines != writers*each {
		t.Errorf("%d lines of %d", lines, writers*each)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := log.Reopen(); err == nil {
		t.Error("a log was opened in a directory that is not there")
	}
}

func TestHandler(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(Writer(&b, Info).Handler())
	log.Debug("not told")
	log.Info("plain")
	log.Log(t.Context(), SlogNotice, "notice")
	log.Warn("values", "n", 3, "u", uint64(4), "name", "a b", "client", "127.0.0.1", "took", time.Second)
	log.Error("open() failed", "error", &os.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}, "client", "::1")
	log.Log(t.Context(), SlogCrit, "crit")
	log.Log(t.Context(), SlogAlert, "alert")
	log.Log(t.Context(), SlogEmerg, "emerg")
	with := log.With("connection", uint64(9), "server", "x")
	with.Info("with", "request", "GET / HTTP/1.1")
	with.WithGroup("g").With("a", 1).Info("group", "b", 2)
	with.Info("in a group", slog.Group("g", "error", errors.New("inner"), slog.Group("h", "c", 3)))
	log.Info("still plain")
	want := `[info] plain
[notice] notice
[warn] values, n: 3, u: 4, name: "a b", client: 127.0.0.1, took: 1s
[error] open() failed (2: No such file or directory), client: ::1
[crit] crit
[alert] alert
[emerg] emerg
[info] *9 with, server: x, request: "GET / HTTP/1.1"
[info] *9 group, server: x, g.a: 1, g.b: 2
[info] *9 in a group, server: x, g.error: inner, g.h.c: 3
[info] still plain
`
	if got := body(t, b.String()); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
