package main

import (
	"fmt"
	"strings"
)

// roff writes a page of the manual in the macros of man(7).
type roff struct{ b strings.Builder }

// macro writes a line with a macro; its arguments are quoted.
func (r *roff) macro(name string, args ...string) {
	r.b.WriteString("." + name)
	for _, a := range args {
		r.b.WriteString(` "` + strings.ReplaceAll(roffText(a), `"`, `\(dq`) + `"`)
	}
	r.b.WriteByte('\n')
}

// text writes paragraphs. Lines that are indented are left as they are.
func (r *roff) text(text string) {
	for i, part := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if i > 0 {
			r.macro("PP")
		}
		r.paragraph(part)
	}
}

func (r *roff) paragraph(text string) {
	literal := false
	for line := range strings.SplitSeq(text, "\n") {
		if indented := strings.HasPrefix(line, "  "); indented != literal {
			if literal = indented; literal {
				r.macro("nf")
			} else {
				r.macro("fi")
			}
		}
		r.line(line)
	}
	if literal {
		r.macro("fi")
	}
}

// literal writes lines as they are.
func (r *roff) literal(text string) {
	r.macro("nf")
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		r.line(line)
	}
	r.macro("fi")
}

// line writes a line of text, which must not be taken for a macro.
func (r *roff) line(text string) {
	text = roffText(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	r.b.WriteString(text + "\n")
}

// flag writes an option and what it does. Its names come with their hyphens.
func (r *roff) flag(names []string, value, usage string) {
	r.macro("TP")
	shown := make([]string, len(names))
	for i, n := range names {
		shown[i] = `\fB` + roffText(n) + `\fR`
	}
	line := strings.Join(shown, ", ")
	if value != "" {
		line += ` \fI` + roffText(value) + `\fR`
	}
	r.b.WriteString(line + "\n")
	r.line(usage)
}

// roffText escapes what roff takes for more than text.
func roffText(s string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(s)
}

func (r *roff) String() string { return r.b.String() }

// title begins the page of a command.
func (r *roff) title(name, section, version string) {
	r.b.WriteString(".\\\" Written by wheelpit man.\n")
	r.macro("TH", strings.ToUpper(name), section, "", fmt.Sprintf("wheelpit %s", version), "Wheelpit Manual")
}
