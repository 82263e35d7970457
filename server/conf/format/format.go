package format

import (
	"errors"
	"fmt"
	"slices"

	"github.com/wheelpit/wheelpit/server/conf"
)

// ErrChanged is the error of a text that formatting would have changed the meaning of: a fault of this package.
var ErrChanged = errors.New("format: the formatted text does not mean the same")

// Source formats the text of a configuration file. A text with syntax errors is not formatted: the error is then a
// conf.Errors, in which name is the file's. The result is the caller's. Any goroutine may call it.
func Source(name string, text []byte) ([]byte, error) {
	before, errs := conf.ParseText(name, text)
	if len(errs) > 0 {
		return nil, errs
	}
	list := scan(string(text))
	if n := len(list); n > 0 && list[n-1].kind == raw {
		return nil, fmt.Errorf("format: %s: unexpected end of file, expecting \"}\" of a block of Lua", name)
	}
	out := render(print(list))
	after, errs := conf.ParseText(name, out)
	if len(errs) > 0 || !same(slices.Collect(before.Main()), slices.Collect(after.Main())) {
		return nil, ErrChanged
	}
	return out, nil
}

// same tells whether two lists of directives say the same.
func same(a, b []*conf.Directive) bool {
	return slices.EqualFunc(a, b, func(x, y *conf.Directive) bool {
		if x.Name != y.Name || x.Open != y.Open || !slices.Equal(x.Args, y.Args) {
			return false
		}
		for i := range len(x.Args) + 1 {
			if x.Quoted(i) != y.Quoted(i) {
				return false
			}
		}
		return same(x.Block, y.Block)
	})
}
