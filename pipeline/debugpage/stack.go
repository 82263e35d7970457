package debugpage

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

const (
	maxFrames = pipeline.MaxStack
	around    = 5        // lines of source before and behind the one at hand
	maxSource = 64 << 10 // what is read of a file
	maxLine   = 200
)

// The kinds of frames.
const (
	application = "application"
	library     = "library"
	standard    = "standard" // the standard library and the runtime
)

// module is the import path of this module, whose packages are a library to its users.
const module = "github.com/wheelpit/wheelpit"

// frame is a function of the stack.
type frame struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Kind     string `json:"kind"`
	Source   []line `json:"source,omitempty"`
}

// Application tells whether the frame is of the application's own code.
func (f frame) Application() bool { return f.Kind == application }

// line is a line of source; Here marks the one that was running.
type line struct {
	Number int    `json:"number"`
	Text   string `json:"text"`
	Here   bool   `json:"here,omitempty"`
}

// stack turns program counters into frames, the innermost first.
func (b *builder) stack(pcs []uintptr) []frame {
	if len(pcs) == 0 {
		return nil
	}
	own, files := b.r.application(), map[string][][]byte{}
	var stack []frame
	frames := runtime.CallersFrames(pcs)
	for more := true; more && len(stack) < maxFrames; {
		var f runtime.Frame
		f, more = frames.Next()
		if f.Function == "" || tracing(f) {
			continue
		}
		stack = append(stack, frame{
			Function: b.cut(f.Function, len(f.Function), maxName), File: b.cut(f.File, len(f.File), maxName), Line: f.Line,
			Kind: kindOf(f.Function, own), Source: b.source(files, f.File, f.Line),
		})
	}
	return stack
}

// tracing tells whether a frame is of what times the steps, which is there in debug only.
func tracing(f runtime.Frame) bool {
	return strings.HasPrefix(f.Function, module+"/pipeline.") && strings.HasSuffix(f.File, "/trace.go")
}

// application returns the import paths of the application.
func (r *Reporter) application() []string {
	if r.Application != nil {
		return r.Application
	}
	own := []string{"main"}
	info, ok := debug.ReadBuildInfo()
	switch {
	case !ok || info.Main.Path == "":
	case info.Main.Path == module:
		own = append(own, module+"/cmd")
	default:
		own = append(own, info.Main.Path)
	}
	return own
}

// kindOf tells whose a function is by the import path in its name. Those of the standard library have no dot in their first
// element.
func kindOf(function string, own []string) string {
	slash := strings.LastIndexByte(function, '/') + 1
	pkg := function
	if dot := strings.IndexByte(function[slash:], '.'); dot >= 0 {
		pkg = function[:slash+dot]
	}
	for _, path := range own {
		if pkg == path || strings.HasPrefix(pkg, path+"/") {
			return application
		}
	}
	if first, _, _ := strings.Cut(pkg, "/"); strings.Contains(first, ".") {
		return library
	}
	return standard
}

// source returns the lines around one, none when the file cannot be read. files has what was read for other frames.
func (b *builder) source(files map[string][][]byte, file string, number int) []line {
	text, ok := files[file]
	if !ok {
		text = readSource(file)
		files[file] = text
	}
	if number > len(text) {
		return nil
	}
	var lines []line
	for n := max(1, number-around); n <= min(len(text), number+around); n++ {
		s := printable(string(text[n-1]), true)
		lines = append(lines, line{n, b.cut(s, len(s), maxLine), n == number})
	}
	return lines
}

// readSource returns the lines in the first 64 KiB of a Go file; a line that is cut is left out. The name is from the
// program's own tables: with -trimpath it is none of the file system.
func readSource(file string) [][]byte {
	if !filepath.IsAbs(file) || filepath.Ext(file) != ".go" {
		return nil
	}
	if st, err := os.Stat(file); err != nil || !st.Mode().IsRegular() {
		return nil // opening a FIFO would wait
	}
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxSource))
	if err != nil {
		return nil
	}
	lines := bytes.Split(text, []byte("\n"))
	return lines[:len(lines)-1]
}
