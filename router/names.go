package router

import (
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// scopeNames is what can be reversed inside one namespace.
type scopeNames struct {
	candidates map[string][]*candidate // in the order in which they are tried: the last declared first
	spaces     map[string]*scopeNames  // by instance namespace
	apps       map[string][]string     // instance namespaces of an app, the last declared first
}

// candidate is a named endpoint seen from its namespace.
type candidate struct {
	chain    []*pattern     // from the top of the table
	defaults map[string]any // declared kwargs, those outside of the namespace left out

	once       sync.Once // guards what follows, made when the name is first reversed
	templates  []template
	converters map[string]*converter
	slots      []slot
	plain      bool           // no regular expressions, no custom converters
	check      *regexp.Regexp // the patterns joined
}

// collectNames indexes the entries of one scope, those of its includes without a namespace among them.
func collectNames(branches []*branch, prefix []*pattern) *scopeNames {
	s := &scopeNames{map[string][]*candidate{}, map[string]*scopeNames{}, map[string][]string{}}
	for _, b := range slices.Backward(branches) {
		chain := append(slices.Clip(prefix), b.pattern)
		switch {
		case !b.include:
			if name := b.endpoint.info.Name; name != "" {
				s.candidates[name] = append(s.candidates[name], &candidate{chain: chain, defaults: b.endpoint.kwargs})
			}
		case b.scope.App != "":
			s.spaces[b.scope.Namespace] = collectNames(b.children, chain)
			s.apps[b.scope.App] = append(s.apps[b.scope.App], b.scope.Namespace)
		default:
			s.merge(collectNames(b.children, chain), b.scope.Kwargs)
		}
	}
	return s
}

// merge adds the names below an include without a namespace.
func (s *scopeNames) merge(below *scopeNames, kwargs map[string]any) {
	for name, candidates := range below.candidates {
		for _, c := range candidates {
			if len(kwargs) > 0 {
				merged := maps.Clone(kwargs)
				for k, v := range c.defaults {
					if _, ok := merged[k]; !ok {
						merged[k] = v
					}
				}
				c.defaults = merged
			}
			s.candidates[name] = append(s.candidates[name], c)
		}
	}
	maps.Copy(s.spaces, below.spaces)
	for app, spaces := range below.apps {
		s.apps[app] = append(s.apps[app], spaces...)
	}
}

// open follows the namespaces of a name. Each may be an app name, which stands for the instance in current, else for
// the instance called like the app, else for the one declared last.
func (s *scopeNames) open(spaces []string, current string) (*scopeNames, error) {
	var currentPath []string
	if current != "" {
		currentPath = strings.Split(current, ":")
	}
	for _, space := range spaces {
		here := ""
		if len(currentPath) > 0 {
			here, currentPath = currentPath[0], currentPath[1:]
		}
		if instances := s.apps[space]; len(instances) > 0 {
			switch {
			case here != "" && slices.Contains(instances, here):
				space = here
			case !slices.Contains(instances, space):
				space = instances[0]
			}
		}
		if space != here {
			currentPath = nil
		}
		next := s.spaces[space]
		if next == nil {
			known := strings.Join(slices.Sorted(maps.Keys(s.spaces)), ", ")
			return nil, fmt.Errorf("%q is not a namespace; known here: %s", space, known)
		}
		s = next
	}
	return s, nil
}

// route is the joined pattern, for error texts.
func (c *candidate) route() string {
	route := ""
	for _, p := range c.chain {
		route = joinRoute(route, p.source)
	}
	return route
}

// prepare makes the templates and the check.
func (c *candidate) prepare() {
	c.plain = true
	c.converters = map[string]*converter{}
	c.templates = []template{{}}
	expr := `\A`
	for i, p := range c.chain {
		c.plain = c.plain && p.form != formRegex
		for _, s := range p.slots {
			c.slots = append(c.slots, s)
			if s.name != "" {
				c.converters[s.name] = s.conv
			}
			c.plain = c.plain && s.conv == nil
		}
		c.templates = product(c.templates, p.templates(i))
		c.templates = c.templates[:min(len(c.templates), maxTemplates)]
		expr += p.joinable()
	}
	// Every part compiled alone at load; joined they can only be too large, and then the candidate is never accepted.
	c.check, _ = regexp.Compile(expr)
}

// joinable is the pattern as a part of a larger regular expression, without group names, which may come twice.
func (p *pattern) joinable() string {
	if p.form == formRegex {
		expr, err := syntax.Parse(strings.TrimPrefix(p.regex, "^"), syntax.Perl)
		if err != nil {
			return `[^\x00-\x{10FFFF}]` // cannot be: it compiled at load
		}
		dropNames(expr)
		return "(?:" + expr.String() + ")"
	}
	expr := ""
	for _, part := range p.parts {
		if part.param {
			expr += "(?:" + part.regex() + ")"
		} else {
			expr += regexp.QuoteMeta(part.literal)
		}
	}
	if p.exact() {
		expr += `\z`
	}
	return expr
}

func dropNames(expr *syntax.Regexp) {
	expr.Name = ""
	for _, sub := range expr.Sub {
		dropNames(sub)
	}
}
