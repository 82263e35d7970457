package front

import (
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/script"
)

// value is a text that may hold variables. The zero value is empty.
type value struct {
	text string
	run  func(c *pipeline.Ctx, dst []byte) []byte // nil for a text without variables
}

// append appends the text to dst.
func (v *value) append(c *pipeline.Ctx, dst []byte) []byte {
	if v.run != nil {
		return v.run(c, dst)
	}
	return append(dst, v.text...)
}

// value compiles a text of the configuration.
func (b *builder) value(d *conf.Directive, text string) value {
	parts, err := conf.Compile(text)
	if err != nil {
		b.fail(d, "%v", err)
		return value{}
	}
	return b.script(parts)
}

// script compiles a value that was cut into its parts.
func (b *builder) script(parts conf.Script) value {
	if text, ok := parts.Constant(); ok {
		return value{text: text}
	}
	return value{run: script.New(parts, b.table).Append}
}
