package xslt

import (
	"math"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// decimalFormat is xsl:decimal-format.
type decimalFormat struct {
	point, group, percent, permille, zero, digit, pattern, minus rune
	infinity, nan                                                string
}

func newDecimalFormat() *decimalFormat {
	return &decimalFormat{'.', ',', '%', '‰', '0', '#', ';', '-', "Infinity", "NaN"}
}

func (c *compiler) decimalFormat(n *xpath.Node) {
	f := newDecimalFormat()
	for attr, to := range map[string]*rune{
		"decimal-separator": &f.point, "grouping-separator": &f.group, "percent": &f.percent, "per-mille": &f.permille,
		"zero-digit": &f.zero, "digit": &f.digit, "pattern-separator": &f.pattern, "minus-sign": &f.minus,
	} {
		if v, ok := n.Attr("", attr); ok {
			if len([]rune(v)) != 1 {
				c.fail(n, "%s is not one character", attr)
				return
			}
			*to = []rune(v)[0]
		}
	}
	if v, ok := n.Attr("", "infinity"); ok {
		f.infinity = v
	}
	if v, ok := n.Attr("", "NaN"); ok {
		f.nan = v
	}
	c.s.formats[xpath.Name{Local: c.optionalName(n, "name").Local}] = f
}

// formatNumber is format-number(); formats are told apart by the local parts of their names.
func formatNumber(k *xpath.Context, args []xpath.Value) xpath.Value {
	x := k.Run.Host.(*exec)
	name := ""
	if len(args) > 2 {
		name = xpath.String(args[2])
	}
	f := x.s.formats[xpath.Name{Local: name[strings.IndexByte(name, ':')+1:]}]
	if f == nil {
		x.fail("xslt: decimal format %s is not there", name)
		return ""
	}
	return f.format(xpath.Number(args[0]), xpath.String(args[1]))
}

// picture is one half of a pattern, read.
type picture struct {
	prefix, suffix         string
	leastInt, leastF, most int // digits
	group                  int // size, 0 for none
	scale                  float64
}

// maxDigits bounds the digits that a pattern asks for, on either side of the point.
const maxDigits = 100

// read reads a half of a pattern (JDK 1.1 DecimalFormat).
func (f *decimalFormat) read(s string) (p picture) {
	p.scale = 1
	var b strings.Builder
	inside, fraction, grouped := false, false, false
	for _, r := range s {
		switch {
		case r == f.zero || r == f.digit || r == f.point || r == f.group && inside:
			if !inside {
				p.prefix = b.String()
				b.Reset()
			}
			inside = true
			switch {
			case r == f.point:
				fraction = true
			case r == f.group:
				grouped, p.group = true, 0
			case fraction:
				if p.most++; r == f.zero {
					p.leastF = p.most
				}
			default:
				if r == f.zero {
					p.leastInt++
				}
				if grouped {
					p.group++
				}
			}
			continue
		case r == f.percent:
			p.scale = 100
		case r == f.permille:
			p.scale = 1000
		}
		b.WriteRune(r)
	}
	if p.suffix = b.String(); !inside {
		p.prefix, p.suffix = p.suffix, ""
	}
	p.most, p.leastF, p.leastInt = min(p.most, maxDigits), min(p.leastF, maxDigits), min(p.leastInt, maxDigits)
	return p
}

// format writes a number by a pattern.
func (f *decimalFormat) format(v float64, pattern string) string {
	positive, negative, two := strings.Cut(pattern, string(f.pattern))
	p := f.read(positive)
	minus := math.Signbit(v) && v != 0
	if minus {
		v = -v
		if two {
			n := f.read(negative)
			p.prefix, p.suffix = n.prefix, n.suffix
		} else {
			p.prefix = string(f.minus) + p.prefix
		}
	}
	switch {
	case math.IsNaN(v):
		return f.nan
	case math.IsInf(v, 0):
		return p.prefix + f.infinity + p.suffix
	}
	return p.prefix + f.digits(v*p.scale, &p) + p.suffix
}

// digits writes a number that is not negative, rounded half up.
func (f *decimalFormat) digits(v float64, p *picture) string {
	if power := math.Pow10(p.most); v*power < 1<<53 {
		v = math.Floor(v*power+0.5) / power
	}
	text := strconv.FormatFloat(v, 'f', p.most, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	for len(fraction) > p.leastF && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	if whole = strings.TrimLeft(whole, "0"); len(whole) < p.leastInt {
		whole = strings.Repeat("0", p.leastInt-len(whole)) + whole
	}
	if whole == "" && p.leastF == 0 {
		whole = "0"
	}
	if p.group > 0 && len(whole) > p.group {
		whole = grouped(whole, string(f.group), p.group)
	}
	if fraction != "" {
		whole += string(f.point) + fraction
	}
	return f.zeros(whole)
}

// zeros writes the digits of another script than ASCII's.
func (f *decimalFormat) zeros(s string) string {
	if f.zero == '0' {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return f.zero + r - '0'
		}
		return r
	}, s)
}
