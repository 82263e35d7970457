package router

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// pattern is one declared pattern, understood: what it captures and which steps it is in the tree.
type pattern struct {
	source string // as declared; shown and joined in RouteInfo.Pattern
	form   form
	final  bool // of an endpoint, not of an include

	methods Methods // written in a Mux pattern
	parts   []part  // all forms but formRegex
	regex   string  // formRegex, in Go's syntax
	slots   []slot  // captured values, in order
	tokens  []token // steps through the tree
	open    bool    // the endpoint takes whatever follows the tokens
	// positional is set when the values are unnamed groups of a regular expression.
	positional bool
}

// part is a piece of a pattern: literal text, or a parameter.
type part struct {
	literal string
	param   bool
	name    string
	kind    Kind
	conv    *converter // KindCustom only
}

// slot is one captured value; name is empty for a positional one.
type slot struct {
	name string
	kind Kind
	conv *converter
}

var kindNames = map[string]Kind{
	"str": KindStr, "int": KindInt, "slug": KindSlug, "uuid": KindUUID, "path": KindPath,
}

// kindRegex has the regular expressions of the built-in kinds, as Django's converters define them.
var kindRegex = map[Kind]string{
	KindStr:  `[^/]+`,
	KindInt:  `[0-9]+`,
	KindSlug: `[-a-zA-Z0-9_]+`,
	KindUUID: `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`,
	KindPath: `.+`,
	KindRest: `(?s:.*)`,
}

func (p *part) regex() string {
	if p.kind == KindCustom {
		return p.conv.Regex
	}
	return kindRegex[p.kind]
}

// parsePattern understands the pattern of an entry.
func parsePattern(e *Entry, converters map[string]*converter) (*pattern, error) {
	p := &pattern{source: e.pattern, form: e.form, final: !e.include}
	var err error
	switch e.form {
	case formRegex:
		err = p.parseRegex()
	case formMux:
		err = p.parseMux()
	case formMount:
		p.open = true
		p.parts, err = parsePath(strings.TrimPrefix(e.pattern, "/"), converters)
	default:
		p.parts, err = parsePath(e.pattern, converters)
	}
	if err == nil && e.form != formRegex {
		err = p.buildTokens()
	}
	if err == nil && len(p.slots) > MaxParams {
		err = fmt.Errorf("%d parameters, at most %d are allowed", len(p.slots), MaxParams)
	}
	return p, err
}

// parsePath reads Django's path() syntax. A "<" without its ">" is literal text, as in Django.
func parsePath(source string, converters map[string]*converter) ([]part, error) {
	var parts []part
	for source != "" {
		open := strings.IndexByte(source, '<')
		end := -1
		if open >= 0 {
			end = strings.IndexByte(source[open:], '>')
		}
		if end < 0 {
			return append(parts, part{literal: source}), nil
		}
		if open > 0 {
			parts = append(parts, part{literal: source[:open]})
		}
		p, err := parseParam(source[open+1:open+end], converters)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
		source = source[open+end+1:]
	}
	return parts, nil
}

// parseParam reads the inside of the angle brackets: "name" or "converter:name".
func parseParam(text string, converters map[string]*converter) (part, error) {
	convName, name, found := strings.Cut(text, ":")
	if !found {
		convName, name = "str", text
	}
	if !isIdentifier(name) {
		return part{}, fmt.Errorf("parameter name %q is not an identifier", name)
	}
	if kind, ok := kindNames[convName]; ok {
		return part{param: true, name: name, kind: kind}, nil
	}
	if conv, ok := converters[convName]; ok {
		return part{param: true, name: name, kind: KindCustom, conv: conv}, nil
	}
	return part{}, fmt.Errorf("unknown converter %q", convName)
}

func isIdentifier(s string) bool {
	for i, c := range s {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// buildTokens turns the parts into steps. A parameter whose end is certain is a plain edge; from the first uncertain
// one to the end of the pattern everything is one unit.
func (p *pattern) buildTokens() error {
	names := map[string]bool{}
	for _, part := range p.parts {
		if !part.param {
			continue
		}
		if part.name != "" && names[part.name] {
			return fmt.Errorf("parameter %q is used twice", part.name)
		}
		names[part.name] = true
		p.slots = append(p.slots, slot{part.name, part.kind, part.conv})
	}
	for i, part := range p.parts {
		switch {
		case !part.param:
			p.tokens = append(p.tokens, token{literal: part.literal})
		case p.certain(i):
			p.tokens = append(p.tokens, token{edge: runEdge(part.kind)})
		default:
			e, err := p.unitFrom(i)
			if err != nil {
				return err
			}
			p.tokens = append(p.tokens, token{edge: e})
			return nil
		}
	}
	return nil
}

func runEdge(k Kind) *edge {
	return &edge{capture: capture{kind: k, slots: 1}, key: "k" + strconv.Itoa(int(k))}
}

// capture is for the tree; more slots than a byte counts are more than [MaxParams], an error reported elsewhere.
func (u *unit) capture() capture { return capture{unit: u, slots: uint8(min(len(u.slots), 255))} }

// certain reports whether the longest run of the i-th part is the only way the pattern can go on: nothing of this
// pattern follows (an include matches its prefix alone), or text that begins with a byte outside the run.
func (p *pattern) certain(i int) bool {
	part := p.parts[i]
	if part.kind == KindCustom {
		return false
	}
	if part.kind == KindUUID || i == len(p.parts)-1 {
		return true
	}
	next := p.parts[i+1]
	return !next.param && !part.kind.contains(next.literal[0])
}

// exact reports whether the path must end where the pattern does.
func (p *pattern) exact() bool { return p.final && !p.open }

// unitFrom makes one step of parts[i:].
func (p *pattern) unitFrom(i int) (*edge, error) {
	parts := p.parts[i:]
	u := &unit{parts: parts, exact: p.exact()}
	expr := `\A`
	group := 1
	for _, part := range parts {
		if !part.param {
			expr += regexp.QuoteMeta(part.literal)
			continue
		}
		u.slots = append(u.slots, unitSlot{group: group, kind: part.kind, conv: part.conv})
		expr += "(" + part.regex() + ")"
		group++
		if part.kind == KindCustom {
			group += part.conv.groups
			u.parts = nil
		}
	}
	if u.exact {
		expr += `\z`
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, err
	}
	u.re = re
	return &edge{capture: u.capture(), key: "p" + unitKey(parts, expr)}, nil
}

// unitKey tells units apart; converters with the same expression may still differ.
func unitKey(parts []part, expr string) string {
	key := expr
	for _, part := range parts {
		if part.conv != nil {
			key += "\x00" + part.conv.name
		}
	}
	return key
}

// parseRegex reads a re_path() pattern (DJANGO.md U9, U10).
func (p *pattern) parseRegex() error {
	p.regex = goSyntax(p.source)
	expr := p.regex
	if p.final && strings.HasSuffix(p.source, "$") {
		expr = `\A(?:` + expr + `)\z` // Django: fullmatch, so that a final newline does not match
	}
	if _, err := regexp.Compile(p.regex); err != nil {
		return err
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return err
	}
	u := &unit{re: re}
	named := 0
	for _, name := range re.SubexpNames() {
		if name != "" {
			named++
		}
	}
	for group, name := range re.SubexpNames() {
		if group == 0 || named > 0 && name == "" {
			continue
		}
		u.slots = append(u.slots, unitSlot{group: group, kind: KindGroup})
		p.slots = append(p.slots, slot{name: name, kind: KindGroup})
	}
	p.positional = named == 0 && len(p.slots) > 0
	p.open = true // the expression itself says where it ends
	p.tokens = []token{{edge: &edge{capture: u.capture(), key: "r" + expr}}}
	return nil
}

// goSyntax writes Python's \Z, the very end, as Go does.
func goSyntax(regex string) string {
	var b strings.Builder
	for i := 0; i < len(regex); i++ {
		b.WriteByte(regex[i])
		if regex[i] == '\\' && i+1 < len(regex) {
			i++
			if regex[i] == 'Z' {
				b.WriteByte('z')
			} else {
				b.WriteByte(regex[i])
			}
		}
	}
	return b.String()
}
