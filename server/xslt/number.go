package xslt

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// number is xsl:number (XSLT section 7.7).
type number struct {
	value           *xpath.Expr // nil for counting
	level           string
	count, from     []*xpath.Pattern
	format          *avt
	separator, size *avt // of groups of digits
}

func (c *compiler) number(n *xpath.Node) instruction {
	i := &number{level: "single", format: c.optionalAVT(n, "format"), separator: c.optionalAVT(n, "grouping-separator"), size: c.optionalAVT(n, "grouping-size")}
	if _, ok := n.Attr("", "value"); ok {
		i.value = c.expr(n, "value", "")
	}
	if level, ok := n.Attr("", "level"); ok {
		if i.level = level; level != "single" && level != "any" && level != "multiple" {
			c.fail(n, "level %q is not known", level)
		}
	}
	if count, ok := n.Attr("", "count"); ok {
		i.count = c.pattern(n, count)
	}
	if from, ok := n.Attr("", "from"); ok {
		i.from = c.pattern(n, from)
	}
	return i
}

func (i *number) run(x *exec) {
	var list []float64
	if i.value != nil {
		f := xpath.Number(x.eval(i.value))
		if math.IsNaN(f) || math.IsInf(f, 0) || f < 0.5 {
			x.text(xpath.String(f), false)
			return
		}
		list = append(list, math.Floor(f+0.5))
	} else {
		list = i.places(x)
	}
	format := i.format.value(x)
	if i.format == nil {
		format = "1"
	}
	size, _ := strconv.Atoi(i.size.value(x))
	x.text(formatList(list, format, i.separator.value(x), size), false)
}

// matches tells whether one of the patterns matches n.
func (x *exec) matches(list []*xpath.Pattern, n *xpath.Node) bool {
	c := xpath.Context{Node: n, Pos: 1, Size: 1, Run: x.run}
	return slices.ContainsFunc(list, func(p *xpath.Pattern) bool { return p.Matches(&c) })
}

// counted tells whether n is one of those that are counted: by default those like the current node.
func (i *number) counted(x *exec, n *xpath.Node) bool {
	if i.count == nil {
		return n.Kind == x.ctx.Node.Kind && n.Name == x.ctx.Node.Name
	}
	return x.matches(i.count, n)
}

// places are the numbers of the current node.
func (i *number) places(x *exec) (list []float64) {
	if i.level == "any" {
		if n := i.before(x); n > 0 {
			list = append(list, n)
		}
		return list
	}
	for n := x.ctx.Node; n != nil && !x.matches(i.from, n); n = n.Parent {
		if !i.counted(x, n) {
			continue
		}
		list = append(list, 1+i.siblings(x, n))
		if i.level == "single" {
			break
		}
	}
	slices.Reverse(list)
	return list
}

// siblings counts those before n.
func (i *number) siblings(x *exec, n *xpath.Node) (count float64) {
	if n.Parent == nil {
		return 0
	}
	for _, s := range n.Parent.Children {
		if s == n {
			break
		}
		if x.run.Spend(1) && i.counted(x, s) {
			count++
		}
	}
	return count
}

// before counts the nodes up to the current one, behind the last that matches from.
func (i *number) before(x *exec) (count float64) {
	last := x.ctx.Node
	if last.Kind == xpath.Attribute {
		last = last.Parent
	}
	var walk func(n *xpath.Node) bool
	walk = func(n *xpath.Node) bool {
		if n.Order > last.Order || !x.run.Spend(1) {
			return false
		}
		if i.from != nil && x.matches(i.from, n) {
			count = 0
		}
		if i.counted(x, n) {
			count++
		}
		for _, child := range n.Children {
			if !walk(child) {
				return false
			}
		}
		return true
	}
	walk(last.Top())
	return count
}

// formatList writes numbers with the tokens of a format: "1.a " has two, a separator and an end.
func formatList(list []float64, format, separator string, size int) string {
	var tokens, between []string // between[k] stands before tokens[k]; the last behind all
	text := ""
	for format != "" {
		alnum := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
		n := strings.IndexFunc(format, func(r rune) bool { return !alnum(r) })
		if n == 0 {
			if n = strings.IndexFunc(format, alnum); n < 0 {
				n = len(format)
			}
			text, format = format[:n], format[n:]
			continue
		}
		if n < 0 {
			n = len(format)
		}
		tokens, between = append(tokens, format[:n]), append(between, text)
		text, format = "", format[n:]
	}
	if len(tokens) == 0 {
		tokens, between = []string{"1"}, []string{text}
		text = ""
	}
	var b strings.Builder
	b.WriteString(between[0])
	for k, f := range list {
		token := tokens[min(k, len(tokens)-1)]
		if k > 0 {
			s := "."
			if len(tokens) > 1 {
				s = between[min(k, len(tokens)-1)]
			}
			b.WriteString(s)
		}
		b.WriteString(formatOne(f, token, separator, size))
	}
	b.WriteString(text)
	return b.String()
}

// formatOne writes a number as its token says.
func formatOne(f float64, token, separator string, size int) string {
	if f >= 1 && f < 1e15 {
		switch n := int(f); token {
		case "a":
			return letters(n)
		case "A":
			return strings.ToUpper(letters(n))
		case "i":
			return strings.ToLower(roman(n))
		case "I":
			return roman(n)
		}
	}
	digits := strconv.FormatFloat(f, 'f', 0, 64)
	if strings.Trim(token, "0") == "1" && len(digits) < len(token) {
		digits = strings.Repeat("0", len(token)-len(digits)) + digits
	}
	if separator != "" && size > 0 {
		return grouped(digits, separator, size)
	}
	return digits
}

// grouped puts separators between groups of digits, from the end.
func grouped(digits, separator string, size int) string {
	var parts []string
	for len(digits) > size {
		parts = append(parts, digits[len(digits)-size:])
		digits = digits[:len(digits)-size]
	}
	parts = append(parts, digits)
	slices.Reverse(parts)
	return strings.Join(parts, separator)
}

func letters(n int) (s string) {
	for ; n > 0; n = (n - 1) / 26 {
		s = string(rune('a'+(n-1)%26)) + s
	}
	return s
}

func roman(n int) string {
	if n > 5000 {
		return strconv.Itoa(n)
	}
	var b strings.Builder
	for _, d := range [...]struct {
		value int
		text  string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= d.value; n -= d.value {
			b.WriteString(d.text)
		}
	}
	return b.String()
}
