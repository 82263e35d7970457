package router

import (
	"errors"
	"fmt"
	"strings"
)

// parseMux reads a pattern of net/http's ServeMux: "[METHOD ][HOST]/[PATH]" (its documentation, section Patterns).
func (p *pattern) parseMux() error {
	method, rest, found := strings.Cut(p.source, " ")
	if !found {
		method, rest = "", p.source
	}
	if method != "" {
		p.methods = MethodOf(method)
		if p.methods == OTHER {
			return fmt.Errorf("unknown method %q", method)
		}
	}
	rest = strings.TrimLeft(rest, " \t")
	if !strings.HasPrefix(rest, "/") {
		return errors.New(`the path must begin with "/"; hosts belong in Hosts`)
	}
	return p.muxSegments(rest[1:])
}

// muxSegments reads what follows the first "/".
func (p *pattern) muxSegments(text string) error {
	p.open = text == "" || strings.HasSuffix(text, "/")
	for text != "" {
		segment, _, more := strings.Cut(text, "/")
		text = text[len(segment):]
		if segment == "{$}" {
			if more {
				return errors.New("{$} must be at the end")
			}
			return nil
		}
		if err := p.muxSegment(segment, more); err != nil {
			return err
		}
		if more {
			p.addLiteral("/")
			text = text[1:]
		}
	}
	return nil
}

// muxSegment reads one segment: text, or a wildcard that fills it.
func (p *pattern) muxSegment(segment string, more bool) error {
	if !strings.ContainsAny(segment, "{}") {
		p.addLiteral(segment)
		return nil
	}
	if segment[0] != '{' || strings.IndexByte(segment, '}') != len(segment)-1 {
		return fmt.Errorf("segment %q: a wildcard must fill its segment", segment)
	}
	name, rest := strings.CutSuffix(segment[1:len(segment)-1], "...")
	if !isIdentifier(name) {
		return fmt.Errorf("wildcard name %q is not an identifier", name)
	}
	if rest && more {
		return fmt.Errorf("{%s...} must be at the end", name)
	}
	kind := KindStr
	if rest {
		kind = KindRest
	}
	p.parts = append(p.parts, part{param: true, name: name, kind: kind})
	return nil
}

// addLiteral appends text, joined to literal text before it.
func (p *pattern) addLiteral(text string) {
	if text == "" {
		return
	}
	if n := len(p.parts); n > 0 && !p.parts[n-1].param {
		p.parts[n-1].literal += text
		return
	}
	p.parts = append(p.parts, part{literal: text})
}
