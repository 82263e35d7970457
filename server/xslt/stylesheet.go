package xslt

import (
	"slices"

	"github.com/wheelpit/wheelpit/server/xslt/xpath"
)

// Stylesheet is a compiled stylesheet. Any number of goroutines may use it.
type Stylesheet struct {
	rules   map[xpath.Name][]*rule // by mode, the one that counts first
	named   map[xpath.Name]*template
	globals map[xpath.Name]*global
	order   []*global
	keys    map[string][]keyRule // by the local part of the name
	spaces  []spaceRule
	sets    map[xpath.Name][]*attributeSet
	formats map[xpath.Name]*decimalFormat
	aliases map[string]alias
	out     output
}

func newStylesheet() *Stylesheet {
	return &Stylesheet{
		rules: map[xpath.Name][]*rule{}, named: map[xpath.Name]*template{}, globals: map[xpath.Name]*global{},
		keys: map[string][]keyRule{}, sets: map[xpath.Name][]*attributeSet{},
		formats: map[xpath.Name]*decimalFormat{{}: newDecimalFormat()}, aliases: map[string]alias{}, out: output{cdata: map[xpath.Name]bool{}},
	}
}

// template is xsl:template.
type template struct {
	module *module
	name   xpath.Name
	body   []instruction
}

// rule is an alternative of a template's pattern.
type rule struct {
	*template
	pattern  *xpath.Pattern
	priority float64
}

// global is a variable or parameter of the stylesheet.
type global struct {
	binding
	param      bool
	precedence int
}

// keyRule is xsl:key.
type keyRule struct {
	match []*xpath.Pattern
	use   *xpath.Expr
}

// spaceRule is an element name of xsl:strip-space or xsl:preserve-space.
type spaceRule struct {
	any, anyLocal bool
	name          xpath.Name
	strip         bool
	precedence    int
	priority      float64
}

// attributeSet is xsl:attribute-set.
type attributeSet struct {
	uses []xpath.Name
	body []instruction
}

// alias is the result of xsl:namespace-alias.
type alias struct{ prefix, uri string }

// finish sorts what was declared, once all is there.
func (s *Stylesheet) finish() {
	for _, list := range s.rules {
		slices.Reverse(list) // of equals, the last counts
		slices.SortStableFunc(list, func(a, b *rule) int {
			if d := b.module.precedence - a.module.precedence; d != 0 {
				return d
			}
			switch {
			case a.priority > b.priority:
				return -1
			case a.priority < b.priority:
				return 1
			}
			return 0
		})
	}
	slices.Reverse(s.spaces)
	slices.SortStableFunc(s.spaces, func(a, b spaceRule) int {
		if d := b.precedence - a.precedence; d != 0 {
			return d
		}
		return int(4 * (b.priority - a.priority))
	})
	s.out.finish()
}

// strips tells whether the white space of an element of the source is stripped.
func (s *Stylesheet) strips(n *xpath.Node) bool {
	for i := range s.spaces {
		if r := &s.spaces[i]; r.any || r.name.Space == n.Name.Space && (r.anyLocal || r.name.Local == n.Name.Local) {
			return r.strip
		}
	}
	return false
}

// find returns the rule for the context node, of those with a precedence from first up to limit.
func (s *Stylesheet) find(c *xpath.Context, mode xpath.Name, first, limit int) *rule {
	for _, r := range s.rules[mode] {
		if p := r.module.precedence; p >= first && p < limit && r.pattern.Matches(c) {
			return r
		}
	}
	return nil
}
