package router

import (
	"fmt"
	"strings"
)

// Warning is something that [Compile] accepts but that is hardly meant.
type Warning struct {
	// Pattern is the whole route.
	Pattern string
	// Text says what is wrong with it.
	Text string
}

// String is the line for a log.
func (w Warning) String() string { return fmt.Sprintf("router: pattern %q: %s", w.Pattern, w.Text) }

func (c *compiler) warn(pattern, format string, args ...any) {
	c.warnings = append(c.warnings, Warning{Pattern: pattern, Text: fmt.Sprintf(format, args...)})
}

// warnAll makes the checks of Django's urls.W001 to W010 that concern patterns (DJANGO.md U18), and looks for shadowed
// endpoints.
func (c *compiler) warnAll() {
	c.warnBelow(c.table.top.children, "", map[string]bool{}, "")
	for _, ep := range c.table.endpoints {
		if by := c.shadow(ep); by != nil {
			c.warn(ep.info.Pattern, "never reached: %q, declared before it, takes every path that it matches", by.info.Pattern)
		}
	}
}

func (c *compiler) warnBelow(branches []*branch, route string, spaces map[string]bool, space string) {
	for _, b := range branches {
		whole := joinRoute(route, b.pattern.source)
		c.warnPattern(b.pattern, whole)
		if !b.include {
			if strings.Contains(b.endpoint.info.Name, ":") {
				c.warn(whole, `the name %q contains ":", which parts namespaces`, b.endpoint.info.Name)
			}
			continue
		}
		inner := space
		if b.scope.Namespace != "" {
			inner += ":" + b.scope.Namespace
			if spaces[inner] {
				c.warn(whole, "the namespace %q is not unique; names in it may not be reversible", inner[1:])
			}
			spaces[inner] = true
		}
		c.warnBelow(b.children, whole, spaces, inner)
	}
}

// warnPattern looks at one pattern as it is written.
func (c *compiler) warnPattern(p *pattern, whole string) {
	text := strings.TrimPrefix(p.source, "^")
	switch {
	case p.form == formMux || p.form == formMount:
		return
	case strings.HasPrefix(text, "/") && whole == p.source:
		c.warn(whole, `begins with "/", which is no part of the path that is matched`)
	case p.form == formRegex && !p.final && strings.HasSuffix(text, "$") && !strings.HasSuffix(text, `\$`):
		c.warn(whole, `the prefix of an include ends with "$", so nothing below it can match more than ""`)
	}
	if p.form != formPath {
		return
	}
	for _, part := range p.parts {
		if !part.param && strings.ContainsAny(part.literal, "<>") {
			c.warn(whole, "an unmatched angle bracket is literal text")
		}
	}
	if strings.Contains(p.source, "(?P<") || strings.HasPrefix(p.source, "^") || strings.HasSuffix(p.source, "$") {
		c.warn(whole, "looks like a regular expression; RePath takes those")
	}
}
