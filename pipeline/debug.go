package pipeline

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// Chain returns the application that c is in: within a mounted one, the mounted one. It is nil before Chain.Run.
func (c *Ctx) Chain() *Chain { return c.chain }

// BodyInMemory returns the request body when all of it has been received, without waiting: a view, valid as that of Body.
func (c *Ctx) BodyInMemory() ([]byte, bool) {
	return c.body.data, c.body.ready && c.Head.Length != 0
}

// EachParam calls f for every path parameter with its text: those that hooks have set, then those of the path that no hook
// has replaced. The text is valid as long as the request.
func (c *Ctx) EachParam(f func(name, text string)) {
	for _, p := range c.params {
		f(p.name, fmt.Sprint(p.value))
	}
	for i := range c.Match.NumParams() {
		name, text, ok := c.Match.ParamAt(i)
		if _, set := c.setParam(name); ok && !set {
			f(name, text)
		}
	}
}

// debugText answers with err and its stack as plain text: the page of App.Debug when there is no App.DebugPage. It masks
// nothing, and shows nothing of the request but its method and path.
func debugText(c *Ctx, status int, err error) error {
	var b strings.Builder
	b.WriteString(itoa(status) + " " + http1.StatusText(status) + "\n\n" + c.Method() + " " + c.path + "\n\n" + err.Error() + "\n")
	if stack := FormatStack(StackOf(err)); stack != "" {
		b.WriteString("\n" + stack)
	}
	_ = c.SetHeader("Cache-Control", "no-store")
	_ = c.SetHeader("X-Content-Type-Options", "nosniff")
	return c.Text(status, strings.Map(printable, strings.ToValidUTF8(b.String(), "\uFFFD")))
}

// printable keeps what a terminal takes for commands out of a text.
func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' {
		return '\uFFFD'
	}
	return r
}
