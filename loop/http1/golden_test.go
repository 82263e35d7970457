package http1

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the events of testdata/*.md anew; read the diff")

// A golden is a section of a file in testdata: a heading, what a client sends, and what the parser makes of it.
//
//	## title
//	```http
//	GET / HTTP/1.1
//	Host: a
//
//	```
//	```events
//	...
//	```
//
// A line of the http block ends with CRLF; with a backslash at its end it has no line end. Go's escapes (\r \n \x00) stand
// for bytes. In the file strict.md Limits.Strict is set.
type golden struct {
	title, source, events string
	input                 []byte
}

func readGoldens(t testing.TB, file string) []golden {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []golden
	for _, section := range strings.Split("\n"+string(text), "\n## ")[1:] {
		title, rest, _ := strings.Cut(section, "\n")
		_, rest, _ = strings.Cut(rest, "```http\n")
		source, rest, ok := strings.Cut(rest, "```\n")
		if !ok {
			t.Fatalf("%s: %s: no http block", file, title)
		}
		_, events, _ := strings.Cut(rest, "```events\n")
		events, _, _ = strings.Cut(events, "```")
		all = append(all, golden{title, source, strings.TrimSuffix(events, "\n"), decodeSource(t, source)})
	}
	return all
}

func decodeSource(t testing.TB, source string) []byte {
	t.Helper()
	var input []byte
	for line := range strings.Lines(source) {
		line = strings.TrimSuffix(line, "\n")
		joined := strings.HasSuffix(line, `\`)
		line = strings.ReplaceAll(strings.TrimSuffix(line, `\`), `"`, `\"`)
		text, err := strconv.Unquote(`"` + line + `"`)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		input = append(input, text...)
		if !joined {
			input = append(input, '\r', '\n')
		}
	}
	return input
}

func goldenLimits(file string) Limits {
	lim := DefaultLimits()
	lim.Strict = filepath.Base(file) == "strict.md"
	return lim
}

func goldenFiles(t testing.TB) []string {
	t.Helper()
	files, _ := filepath.Glob("testdata/*.md")
	if len(files) == 0 {
		t.Fatal("no golden files")
	}
	return files
}

func TestGoldens(t *testing.T) {
	for _, file := range goldenFiles(t) {
		if *update {
			updateGoldens(t, file)
		}
		for _, g := range readGoldens(t, file) {
			t.Run(filepath.Base(file)+"/"+g.title, func(t *testing.T) {
				lim := goldenLimits(file)
				if got := run(lim, g.input).text(); got != g.events {
					t.Fatalf("%s\n%s\nwant\n%s", g.source, got, g.events)
				}
				mustRefuse := strings.HasSuffix(file, "refused.md") || strings.HasPrefix(g.title, "refused: ")
				if refused := strings.Contains(g.events, "refused "); refused != mustRefuse {
					t.Fatalf("refused: %v", refused)
				}
				checkCuts(t, g.title, lim, g.input, g.events)
			})
		}
	}
}

func updateGoldens(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	intro, _, _ := strings.Cut(string(text), "\n## ")
	out := strings.TrimSuffix(intro, "\n") + "\n"
	for _, g := range readGoldens(t, file) {
		out += "\n## " + g.title + "\n\n```http\n" + g.source + "```\n\n```events\n" + run(goldenLimits(file), g.input).text() + "\n```\n"
	}
	if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
		t.Fatal(err)
	}
}
