package script

// Hot: a script is run for every log line, and for every value with variables; no allocation, no map, no defer.

import (
	"unsafe"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
)

// A Script is a text with variables, cut into its parts. It does not change, and any goroutine may run it once the table of
// its variables is resolved.
type Script struct {
	parts []part
}

// part is text, or a variable, or a capture.
type part struct {
	text     string
	variable *Variable
	capture  int // 1 to 9
}

// Compile cuts a text such as "$a${b}c" and looks its variables up in t. The error has NGINX's text. That its variables
// exist is said by [Table.Resolve].
func Compile(text string, t *Table) (*Script, error) {
	parts, err := conf.Compile(text)
	if err != nil {
		return nil, err
	}
	return New(parts, t), nil
}

// New makes a Script of the parts of a value that package conf has cut.
func New(parts conf.Script, t *Table) *Script {
	s := new(Script)
	for _, p := range parts {
		switch {
		case p.Variable != "":
			s.parts = append(s.parts, part{variable: t.Lookup(p.Variable)})
		case p.Capture > 0:
			s.parts = append(s.parts, part{capture: p.Capture})
		case p.Text != "":
			s.parts = append(s.parts, part{text: p.Text})
		}
	}
	return s
}

// Const returns the text of a script without variables.
func (s *Script) Const() (string, bool) {
	switch {
	case len(s.parts) == 0:
		return "", true
	case len(s.parts) == 1 && s.parts[0].variable == nil && s.parts[0].capture == 0:
		return s.parts[0].text, true
	}
	return "", false
}

// Append appends the text to dst with the values that c has now. A variable without a value is nothing. Its type is what
// features take for a value with variables.
func (s *Script) Append(c *pipeline.Ctx, dst []byte) []byte { return s.append(c, dst, false) }

// append is Append that may escape captures, as those of a path have to be when they become part of a query.
func (s *Script) append(c *pipeline.Ctx, dst []byte, escape bool) []byte {
	for i := range s.parts {
		switch p := &s.parts[i]; {
		case p.variable != nil:
			dst, _ = p.variable.Append(c, dst)
		case p.capture > 0 && escape:
			dst = appendEscaped(dst, capture(c, p.capture))
		case p.capture > 0:
			dst = append(dst, capture(c, p.capture)...)
		default:
			dst = append(dst, p.text...)
		}
	}
	return dst
}

// capture returns what group n of the last match holds, nil when there is none.
func capture(c *pipeline.Ctx, n int) []byte {
	s := current(c)
	if s == nil || 2*n+1 >= len(s.captures) || s.captures[2*n] < 0 {
		return nil
	}
	return s.subject[s.captures[2*n]:s.captures[2*n+1]]
}

// viewString is b as a string without a copy; whoever uses it must not outlive b.
func viewString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
