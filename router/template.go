package router

import (
	"fmt"
	"slices"
	"strings"
)

// template is one way to write a pattern's path: literal text and the names of parameters in turn.
type template struct {
	pieces []piece
	params []string // names in order
}

type piece struct {
	literal string
	param   string // not empty: a parameter
}

func (t template) add(p piece) template {
	t.pieces = append(slices.Clip(t.pieces), p)
	if p.param != "" {
		t.params = append(slices.Clip(t.params), p.param)
	}
	return t
}

func (t *template) expand(texts map[string]string) string {
	var b strings.Builder
	for _, p := range t.pieces {
		if p.param != "" {
			b.WriteString(texts[p.param])
		} else {
			b.WriteString(p.literal)
		}
	}
	return b.String()
}

// product joins every left template with every right one, in Django's order.
func product(left, right []template) []template {
	joined := make([]template, 0, len(left)*len(right))
	for _, l := range left {
		for _, r := range right {
			joined = append(joined, template{
				append(slices.Clip(l.pieces), r.pieces...), append(slices.Clip(l.params), r.params...),
			})
		}
	}
	return joined
}

// templates lists the ways to write p; none when it cannot be reversed. Unnamed groups get names from the pattern's
// place i in its chain that no keyword argument can have.
func (p *pattern) templates(i int) []template {
	if p.form == formRegex {
		r := regexReverser{rest: strings.TrimPrefix(p.source, "^"), place: i}
		return r.templates()
	}
	t := template{}
	for _, part := range p.parts {
		t = t.add(piece{literal: part.literal, param: part.name})
	}
	return []template{t}
}

// maxTemplates bounds the ways to write one regular expression, and one chain of patterns: each optional group doubles
// them.
const maxTemplates = 256

// regexReverser turns the source of a regular expression into templates, by the rules of Django's
// utils.regex_helper.normalize (DJANGO.md U13): fewest repetitions, the first member of a class, an optional group with
// parameters both ways, no way at all through "|". It works on the source and not on regexp/syntax because the parsed
// form has forgotten which member of a class came first.
type regexReverser struct {
	rest   string
	place  int // of the pattern in its chain
	groups int // unnamed groups so far
	broken bool
}

// ways are the templates of a piece of the expression. direct tells that it has a parameter that is not optional
// already: only such a piece, when optional itself, is written both ways; otherwise it is left out, as in Django.
type ways struct {
	templates []template
	direct    bool
}

var noText = ways{templates: []template{{}}}

func one(p piece) ways {
	return ways{templates: []template{template{}.add(p)}, direct: p.param != ""}
}

func (r *regexReverser) templates() []template {
	w := r.sequence()
	if r.broken {
		return nil
	}
	return w.templates
}

// next takes a character; escaped tells that a backslash stood before it, for a class escape it is a member. Escapes
// that match no text are skipped.
func (r *regexReverser) next() (c string, escaped, ok bool) {
	for r.rest != "" {
		runeLen := len(string([]rune(r.rest)[:1]))
		c, r.rest = r.rest[:runeLen], r.rest[runeLen:]
		if c != `\` || r.rest == "" {
			return c, false, true
		}
		c, r.rest = r.rest[:1], r.rest[1:]
		if strings.Contains("AbBzZ", c) {
			continue
		}
		if i := strings.Index("dDsSwW", c); i >= 0 {
			c = "0x xx!"[i : i+1]
		}
		return c, true, true
	}
	return "", false, false
}

// sequence reads up to the ")" that closes the group at hand, or to the end.
func (r *regexReverser) sequence() ways {
	all := noText
	for !r.broken {
		c, escaped, ok := r.next()
		if !ok || !escaped && c == ")" {
			break
		}
		if !escaped && (c == "^" || c == "$") {
			continue
		}
		w := r.repeat(r.element(c, escaped))
		all = ways{product(all.templates, w.templates), all.direct || w.direct}
		r.broken = r.broken || len(all.templates) > maxTemplates
	}
	return all
}

// element reads one thing that a quantifier may follow, c being its first character.
func (r *regexReverser) element(c string, escaped bool) ways {
	switch {
	case escaped:
	case c == "|":
		r.broken = true
	case c == "[":
		return r.class()
	case c == "(":
		return r.group()
	}
	return one(piece{literal: c})
}

func (r *regexReverser) class() ways {
	first, _, _ := r.next()
	for c, escaped, ok := r.next(); ok && (escaped || c != "]"); c, escaped, ok = r.next() {
	}
	return one(piece{literal: first})
}

func (r *regexReverser) group() ways {
	head, ok := strings.CutPrefix(r.rest, "?")
	if !ok {
		name := fmt.Sprintf("(%d.%d)", r.place, r.groups)
		r.groups++
		return r.param(name)
	}
	if named := strings.TrimPrefix(head, "P"); strings.HasPrefix(named, "<") {
		name, rest, _ := strings.Cut(named[1:], ">")
		r.rest = rest
		return r.param(name)
	}
	flags, rest, _ := strings.Cut(head, ":")
	if i := strings.IndexByte(flags, ')'); i >= 0 { // (?i)
		r.rest = head[i+1:]
		return noText
	}
	r.rest = rest
	return r.sequence()
}

// param skips what is inside the group and stands for it.
func (r *regexReverser) param(name string) ways {
	for depth := 1; depth > 0; {
		c, escaped, ok := r.next()
		switch {
		case !ok:
			depth = 0
		case !escaped && c == "(":
			depth++
		case !escaped && c == ")":
			depth--
		}
	}
	return one(piece{param: name})
}

// repeat applies the quantifier that follows, if any.
func (r *regexReverser) repeat(w ways) ways {
	count := r.quantifier()
	switch {
	case count == 0 && w.direct:
		return ways{templates: append([]template{{}}, w.templates...)}
	case count == 0:
		return noText
	}
	repeated := w
	for range count - 1 {
		repeated.templates = product(repeated.templates, w.templates)
		if len(repeated.templates) > maxTemplates {
			r.broken = true
			return noText
		}
	}
	return repeated
}

// quantifier returns the least number of repetitions.
func (r *regexReverser) quantifier() int {
	if r.rest == "" {
		return 1
	}
	count := 1
	switch r.rest[0] {
	case '*', '?':
		count = 0
	case '+':
	case '{':
		inside, _, _ := strings.Cut(r.rest[1:], "}")
		if n, err := fmt.Sscanf(inside, "%d", &count); n != 1 || err != nil {
			return 1 // Go takes such a brace for text
		}
		r.rest = r.rest[len(inside)+1:]
	default:
		return 1
	}
	r.rest = strings.TrimPrefix(r.rest[1:], "?")
	return count
}
