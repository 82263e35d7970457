package format

import (
	"strings"
	"unicode/utf8"
)

const (
	indent = "    "
	// widest is the longest first word, or directive, in characters, that others are moved for.
	widest = 60
)

// render joins the lines, with values and comments in columns.
func render(lines []line) []byte {
	column(lines, func(l *line) (*string, bool) { return &l.text, l.value != "" && !l.joined })
	for i := range lines {
		l := &lines[i]
		if l.value != "" {
			l.text, l.value = l.text+" "+l.value, ""
		}
	}
	column(lines, func(l *line) (*string, bool) { return &l.text, l.comment != "" && l.text != "" && !l.joined })
	var b strings.Builder
	for i := range lines {
		lines[i].render(&b)
	}
	return []byte(b.String())
}

func (l *line) render(b *strings.Builder) {
	if l.text == "" && l.comment == "" {
		b.WriteByte('\n')
		return
	}
	b.WriteString(strings.Repeat(indent, l.depth) + l.text)
	if l.comment != "" {
		if l.text != "" {
			b.WriteByte(' ')
		}
		b.WriteString(l.comment)
	}
	b.WriteByte('\n')
}

// column pads the texts of adjacent lines that take part, so that what follows stands in one column. Lines of different depth
// are not adjacent.
func column(lines []line, part func(*line) (*string, bool)) {
	for i := 0; i < len(lines); {
		from, width := i, 0
		for ; i < len(lines) && lines[i].depth == lines[from].depth; i++ {
			text, ok := part(&lines[i])
			if !ok {
				break
			}
			if n := utf8.RuneCountInString(*text); n <= widest {
				width = max(width, n)
			}
		}
		for j := from; j < i; j++ {
			text, _ := part(&lines[j])
			if n := utf8.RuneCountInString(*text); n < width {
				*text += strings.Repeat(" ", width-n)
			}
		}
		if i == from {
			i++
		}
	}
}
