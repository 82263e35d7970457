package conf

import (
	"errors"
	"fmt"
)

// Part is a piece of a value with variables: text, a variable, or a capture of the last regular expression.
type Part struct {
	// Text is literal when the other fields are empty.
	Text string
	// Variable is the name of a variable, without "$", in lower case as NGINX compares them.
	Variable string
	// Capture is 1 to 9 for $1 to $9.
	Capture int
}

// Script is a value cut into its parts.
type Script []Part

// Constant returns the text of a value without variables.
func (s Script) Constant() (string, bool) {
	switch {
	case len(s) == 0:
		return "", true
	case len(s) == 1 && s[0].Variable == "" && s[0].Capture == 0:
		return s[0].Text, true
	}
	return "", false
}

// Compile cuts a value such as "$a${b}c" into parts. The error's text is NGINX's.
func Compile(value string) (Script, error) {
	var s Script
	for start, i := 0, 0; i < len(value); {
		if value[i] != '$' {
			i++
			if i == len(value) || value[i] == '$' {
				s = append(s, Part{Text: value[start:i]})
			}
			continue
		}
		part, n, err := variable(value[i:])
		if err != nil {
			return nil, err
		}
		s = append(s, part)
		i += n
		start = i
	}
	return s, nil
}

var errVariableName = errors.New("invalid variable name")

// variable reads the reference that s begins with and returns its length.
func variable(s string) (Part, int, error) {
	if len(s) > 1 && s[1] >= '1' && s[1] <= '9' {
		return Part{Capture: int(s[1] - '0')}, 2, nil
	}
	begin := 1
	if len(s) > 1 && s[1] == '{' {
		begin = 2
	}
	end := begin
	for end < len(s) && isNameByte(s[end]) {
		end++
	}
	name := s[begin:end]
	switch {
	case s == "${":
		return Part{}, 0, errVariableName
	case begin == 2 && (end == len(s) || s[end] != '}'):
		return Part{}, 0, fmt.Errorf(`the closing bracket in "%s" variable is missing`, name)
	case name == "":
		return Part{}, 0, errVariableName
	case begin == 2:
		end++
	}
	return Part{Variable: lower(name)}, end, nil
}

func isNameByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_'
}

// lower is strings.ToLower for ASCII only, as NGINX compares.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}
