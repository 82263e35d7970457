package front_test

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// version is the one of the NGINX that is installed; ours claims to be the same, so that bodies compare.
var version = regexp.MustCompile(`nginx/([0-9.]+)`)

// TestAgainstNginx sends the corpus to the real nginx and to us: status, header fields, content and logs have to be the same.
// The form of the corpus is told in corpus_test.go.
func TestAgainstNginx(t *testing.T) {
	binary, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("nginx is not installed: there is nothing to compare with")
	}
	out, _ := exec.Command(binary, "-v").CombinedOutput()
	found := version.FindSubmatch(out)
	if found == nil {
		t.Skipf("nginx -v says %q", out)
	}
	files, err := filepath.Glob("testdata/*/*.conf")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for i, file := range files {
		if testing.Short() && i%2 == 1 { // the race step's share
			continue
		}
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(file), "testdata/"), ".conf")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compare(t, binary, string(found[1]), name, file)
		})
	}
}

// compare sends the requests of one file to both servers, twice each: the second answer may come from a cache.
func compare(t *testing.T, binary, version, name, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := parseCorpus(t, string(text))
	dir := site(t, c.files)
	port := startBackend(t, c.answers)
	text = bytes.ReplaceAll(text, []byte("%BACKEND%"), []byte(port))
	theirs, ours := ports(t, 3), ports(t, 3)
	for try := 0; startNginx(t, binary, writeConf(t, dir, "theirs", string(text), theirs)) == nil; try++ {
		if theirs = ports(t, 3); try == 5 {
			t.Fatal("nginx does not start")
		}
	}
	stop := startOurs(t, version, dir, writeConf(t, dir, "ours", string(text), ours))
	for _, r := range c.requests {
		r.words = strings.ReplaceAll(r.words, "%BACKEND%", port)
		for range 2 {
			want, got := askBoth(theirs, ours, r, name)
			if !check(t, name+": "+r.text, want, got) {
				break
			}
		}
	}
	stop()
	compareLogs(t, name, dir, theirs, ours)
}

// askBoth returns the two answers. Whether a connection is kept open is told by nothing coming for a while, which on a busy machine
// happens, too: where two are to be the same and are not, both are given more time.
func askBoth(theirs, ours []string, r request, name string) (want, got string) {
	_, kept := differences[name+": "+r.text]
	for r.quiet = 500 * time.Millisecond; ; r.quiet *= 3 {
		want, got = normal(send(theirs, r), theirs), normal(send(ours, r), ours)
		if want == got || kept || r.version != "raw" && r.version != "0.9" || r.quiet > 10*time.Second {
			return want, got
		}
	}
}

// check compares one answer, which has to differ if the table of differences names it; it reports whether all is well.
func check(t *testing.T, what, want, got string) bool {
	t.Helper()
	want, got = unframed(want, got)
	got = sameMoments(want, withoutAllow(want, got))
	reason, kept := differences[what]
	switch {
	case want == got && kept:
		t.Errorf("%s\nis the same by now, but the table of differences says %q", what, reason)
	case want != got && !kept:
		t.Errorf("%s\n--- nginx\n%s\n--- ours\n%s", what, want, got)
	}
	return (want == got) != kept
}

// withoutAllow returns got without the field that a 405 has (RFC 9110 section 15.5.6), and NGINX leaves out.
func withoutAllow(want, got string) string {
	if strings.Contains(want, "\nAllow: ") {
		return got
	}
	return strings.ReplaceAll(got, " 405 Not Allowed\nAllow: GET, HEAD\n", " 405 Not Allowed\n")
}

// untilThen is how long something is fresh.
var untilThen = regexp.MustCompile(`(max-age=)(\d+)|(Expires: in )([0-9hms]+)`)

// sameMoments returns got with each time until a fixed moment ("expires @15h") as it is in want, if they are seconds apart: each
// server was asked in a second of its own. Whole minutes are a length of time, and have to agree.
func sameMoments(want, got string) string {
	theirs := untilThen.FindAllStringSubmatch(want, -1)
	seconds := func(m []string) time.Duration {
		d, _ := time.ParseDuration(cmp.Or(m[4], m[2]+"s"))
		return d
	}
	i := -1
	return untilThen.ReplaceAllStringFunc(got, func(ours string) string {
		if i++; i < len(theirs) {
			m := untilThen.FindStringSubmatch(ours)
			then := seconds(theirs[i])
			if m[1] == theirs[i][1] && then%time.Minute != 0 && (seconds(m)-then).Abs() <= 30*time.Second {
				return theirs[i][0]
			}
		}
		return ours
	})
}

// compareLogs compares what both have written to the files of %LOG%. NGINX writes after it has answered.
func compareLogs(t *testing.T, name, dir string, theirs, ours []string) {
	logs, err := filepath.Glob(filepath.Join(dir, "ours", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range logs {
		base := filepath.Base(path)
		var got, want []byte
		for range 1000 {
			got, want = readLog(t, path), readLog(t, filepath.Join(dir, "theirs", base))
			if bytes.Count(want, []byte("\n")) == bytes.Count(got, []byte("\n")) {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		w := strings.ReplaceAll(normal(string(want), theirs), "/theirs", "/DIR")
		g := strings.ReplaceAll(normal(string(got), ours), "/ours", "/DIR")
		w, g = timeLocal.ReplaceAllString(w, "[TIME]"), timeLocal.ReplaceAllString(g, "[TIME]")
		if inOrder(w) == inOrder(g) { // a line is written behind its answer: one of another connection may be before it
			g = w
		}
		check(t, name+": "+base, w, g)
	}
}

// inOrder returns the sorted lines of a text.
func inOrder(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// timeLocal is $time_local in brackets, of which each server has its own second.
var timeLocal = regexp.MustCompile(`\[\d\d/\w+/\d{4}(:\d\d){3} [+-]\d{4}\]`)

func readLog(t *testing.T, path string) []byte {
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return text
}
