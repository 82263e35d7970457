package router

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// ErrValue is returned by a converter for a value that it does not take: ValueError in Django.
var ErrValue = errors.New("router: value not taken by the converter")

// Converter is a user-defined parameter type (Django's register_converter). Its functions may be called from any
// goroutine, and at most once per candidate entry of a request.
type Converter struct {
	// Regex is what the text looks like, in Go's syntax, without named groups.
	Regex string
	// Parse makes the value (Django's to_python); nil keeps the text. An error that is [ErrValue], strconv.ErrSyntax
	// or strconv.ErrRange means that this entry does not match and the next is tried; any other error ends the search
	// with the verdict [Failed].
	Parse func(text string) (any, error)
	// Format makes the text again (Django's to_url); nil prints the value. An error that is [ErrValue],
	// strconv.ErrSyntax or strconv.ErrRange skips this candidate of [Table.Reverse], any other is returned by it.
	Format func(value any) (string, error)
}

// refuses tells "not this entry" from "something broke".
func refuses(err error) bool {
	return errors.Is(err, ErrValue) || errors.Is(err, strconv.ErrSyntax) || errors.Is(err, strconv.ErrRange)
}

// converter is a Converter after its checks.
type converter struct {
	name   string
	groups int // capturing groups inside Regex
	Converter
}

func newConverter(name string, c Converter) (*converter, error) {
	if _, builtin := kindNames[name]; builtin {
		return nil, fmt.Errorf("router: converter %q: the name is taken by a built-in converter", name)
	}
	re, err := regexp.Compile(c.Regex)
	if err != nil {
		return nil, fmt.Errorf("router: converter %q: %w", name, err)
	}
	for _, group := range re.SubexpNames() {
		if group != "" {
			return nil, fmt.Errorf("router: converter %q: named group %q in its regular expression", name, group)
		}
	}
	return &converter{name: name, groups: re.NumSubexp(), Converter: c}, nil
}

func (c *converter) format(value any) (string, error) {
	if c == nil || c.Format == nil {
		return textOf(value), nil
	}
	return c.Format(value)
}

// textOf is Python's str() of a value in a URL.
func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return fmt.Sprint(value)
}
