package conf

import (
	"bytes"
	"strings"
)

// Source is one text that directives were read from: a file, or the argument of -g.
type Source struct {
	// Name is the path as it was opened; empty for the argument of -g.
	Name string
	// Data is the text, unchanged; it is what -T prints.
	Data []byte
	// From is the include directive that asked for the file; nil for the main file and for -g.
	From *Directive
}

// Pos is a place in a source. Line and Column count from 1, Column and Width in bytes.
type Pos struct {
	Source              *Source
	Line, Column, Width int
}

// line returns the text of line n without its end.
func (s *Source) line(n int) string {
	rest := s.Data
	for ; n > 1; n-- {
		_, after, ok := bytes.Cut(rest, []byte{'\n'})
		if !ok {
			return ""
		}
		rest = after
	}
	text, _, _ := bytes.Cut(rest, []byte{'\n'})
	return strings.TrimSuffix(string(text), "\r")
}

// place says where NGINX would say an error of line n lies: " in FILE:LINE", or " in command line".
func (s *Source) place(n int) string {
	if s.Name == "" {
		return " in command line"
	}
	return " in " + s.Name + ":" + itoa(n)
}
