package conf

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Level is how bad an error is, in the words of NGINX's log.
type Level uint8

const (
	Emerg Level = iota // the configuration cannot be used
	Crit               // nor can it, because the system says no
	Warn               // it can, but not all of it means what it seems to
)

func (l Level) String() string {
	return [...]string{"emerg", "crit", "warn"}[l]
}

// Error is one fault of a configuration.
type Error struct {
	Level Level
	// Message is NGINX's text, without the place.
	Message string
	// Pos is what the caret points at; its Source is nil when the fault has no place.
	Pos Pos
	// Line is the line NGINX names: that of the ";" or brace that ends the directive.
	Line int
	// Hint says what to do; empty when there is nothing to add.
	Hint string

	bare bool // NGINX names no place
}

// Error is NGINX's line without "nginx: [emerg] ".
func (e *Error) Error() string {
	text := e.Message
	if len(text) > maxMessage {
		text = text[:maxMessage]
	}
	if e.bare || e.Pos.Source == nil {
		return text
	}
	return text + e.Pos.Source.place(e.Line)
}

// at gives an error the place of the first argument of d; a nil d gives none.
func (e *Error) at(d *Directive) *Error {
	if d != nil {
		e.Pos, e.Line = d.Pos(1), d.end
	}
	return e
}

// Errors are the faults of one run in the order they were met.
type Errors []*Error

// Failed says whether one of them forbids the use of the configuration.
func (es Errors) Failed() bool { return es.count(Emerg)+es.count(Crit) > 0 }

func (es Errors) count(l Level) (n int) {
	for _, e := range es {
		if e.Level == l {
			n++
		}
	}
	return n
}

// Err returns the list as an error, or nil when none of it is fatal.
func (es Errors) Err() error {
	if !es.Failed() {
		return nil
	}
	return es
}

// Error is the first fatal error.
func (es Errors) Error() string {
	for _, e := range es {
		if e.Level != Warn {
			return "conf: " + e.Error()
		}
	}
	return "conf: no error"
}

// Printer writes errors for an operator.
type Printer struct {
	// Program begins each error: NGINX's lines begin "nginx: [emerg] ".
	Program string
	// Short leaves only the line that NGINX writes.
	Short bool
}

// Print writes each error: NGINX's line, then the place, the source line with a caret, and the hint.
func (p Printer) Print(w io.Writer, es Errors) {
	for _, e := range es {
		fmt.Fprintf(w, "%s: [%s] %s\n", cmp.Or(p.Program, "nginx"), e.Level, e.Error())
		if !p.Short {
			e.explain(w)
		}
	}
}

func (e *Error) explain(w io.Writer) {
	if e.Pos.Source == nil {
		if e.Hint != "" {
			fmt.Fprintf(w, "  = help: %s\n", e.Hint)
		}
		return
	}
	src := e.Pos.Source
	number := itoa(e.Pos.Line)
	gap := strings.Repeat(" ", len(number))
	line := src.line(e.Pos.Line)
	fmt.Fprintf(w, "%s--> %s:%d:%d\n", gap, cmp.Or(src.Name, "-g"), e.Pos.Line, e.Pos.Column)
	fmt.Fprintf(w, "%s |\n%s | %s\n", gap, number, line)
	fmt.Fprintf(w, "%s | %s", gap, caret(line, e.Pos.Column, e.Pos.Width))
	if e.Hint != "" {
		fmt.Fprintf(w, " %s", e.Hint)
	}
	fmt.Fprintln(w)
	for from := src.From; from != nil; from = from.src.From {
		fmt.Fprintf(w, "%s = included from %s:%d\n", gap, from.src.Name, from.Line())
	}
}

// caret is the line below a source line: spaces (tabs stay tabs) up to the column, then one mark for each character.
func caret(line string, column, width int) string {
	before := line[:min(column-1, len(line))]
	marked := line[len(before):]
	marked = marked[:min(width, len(marked))]
	var b strings.Builder
	for _, r := range before {
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	b.WriteString(strings.Repeat("^", max(1, utf8.RuneCountInString(marked))))
	return b.String()
}
