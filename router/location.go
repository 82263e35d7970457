package router

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Location is one location block of NGINX's configuration.
type Location struct {
	// Modifier is "", "=", "^~", "~", "~*", or "@" for a named location.
	Modifier string
	// Pattern is the prefix, the regular expression, or the name without "@".
	Pattern string
	// Route is the caller's integer; 0 or more.
	Route int
	// Slash redirects "/dir" to the location "/dir/" when nothing is called exactly "/dir": NGINX does it for
	// locations that end with "/" and pass requests on (proxy_pass and its kin).
	Slash bool
	// Matcher is used in place of Pattern, as Go's regexp has it, when the location is a regular expression.
	Matcher Matcher
	// Nested are the locations inside this one.
	Nested []Location
}

// Matcher tells whether a path matches a regular expression. Any goroutine may call it.
type Matcher interface{ MatchString(path string) bool }

// String is the location as it stands in the configuration.
func (l *Location) String() string {
	switch l.Modifier {
	case "":
		return l.Pattern
	case "@":
		return "@" + l.Pattern
	}
	return l.Modifier + " " + l.Pattern
}

// Locations chooses a location as NGINX does (ngx_http_core_find_location). It is immutable.
type Locations struct {
	top   *level
	named map[string]int
}

// level is a list of locations: those of a server, or those nested in one location.
type level struct {
	prefixes *node // leaves are indices into leaves
	leaves   []prefixLeaf
	regexes  []regexLocation // in declared order
}

// prefixLeaf is a location with a literal pattern.
type prefixLeaf struct {
	route    int
	noRegex  bool // ^~
	redirect bool // stands one "/" before the end of its pattern
	nested   *level
}

type regexLocation struct {
	match  Matcher
	regex  *regexp.Regexp // nil with a Matcher of the caller's
	route  int
	nested *level
}

// locationCompiler gathers the errors.
type locationCompiler struct {
	named map[string]int
	errs  []error
}

// CompileLocations builds the table of a server's locations. It reports all errors at once (errors.Join) in NGINX's
// words.
func CompileLocations(locations []Location) (*Locations, error) {
	c := &locationCompiler{named: map[string]int{}}
	top := c.level(locations, nil, 0)
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	return &Locations{top: top, named: c.named}, nil
}

func (c *locationCompiler) fail(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("router: "+format, args...))
}

func (c *locationCompiler) level(locations []Location, outer *Location, depth int) *level {
	if len(locations) == 0 {
		return nil
	}
	l := &level{prefixes: newNode()}
	seen := map[string]bool{}
	for i := range locations {
		loc := &locations[i]
		if outer != nil && !c.nestable(loc, outer) {
			continue
		}
		if depth == MaxDepth {
			c.fail("location %q is nested more than %d deep", loc, MaxDepth)
			continue
		}
		nested := c.level(loc.Nested, loc, depth+1)
		switch loc.Modifier {
		case "~", "~*":
			c.addRegex(l, loc, nested)
			continue
		case "@":
			c.addNamed(loc)
			continue
		case "", "=", "^~":
		default:
			c.fail("invalid location modifier %q", loc.Modifier)
			continue
		}
		key := strings.TrimPrefix(loc.Modifier, "^~") + loc.Pattern
		if seen[key] {
			c.fail("duplicate location %q", loc.Pattern)
			continue
		}
		seen[key] = true
		l.addPrefix(loc, nested)
	}
	l.prefixes.sortChildren()
	return l
}

// nestable applies ngx_http_core_location's rules for a location inside another.
func (c *locationCompiler) nestable(loc, outer *Location) bool {
	switch {
	case outer.Modifier == "=":
		c.fail("location %q cannot be inside the exact location %q", loc.Pattern, outer.Pattern)
	case outer.Modifier == "@":
		c.fail("location %q cannot be inside the named location %q", loc.Pattern, "@"+outer.Pattern)
	case loc.Modifier == "@":
		c.fail("named location %q can be on the server level only", "@"+loc.Pattern)
	case !strings.HasPrefix(loc.Modifier, "~") && !strings.HasPrefix(loc.Pattern, outer.Pattern):
		c.fail("location %q is outside location %q", loc.Pattern, outer.Pattern)
	default:
		return true
	}
	return false
}

func (c *locationCompiler) addNamed(loc *Location) {
	if _, ok := c.named[loc.Pattern]; ok {
		c.fail("duplicate location %q", "@"+loc.Pattern)
	}
	c.named[loc.Pattern] = loc.Route
}

func (c *locationCompiler) addRegex(l *level, loc *Location, nested *level) {
	if loc.Matcher != nil {
		l.regexes = append(l.regexes, regexLocation{match: loc.Matcher, route: loc.Route, nested: nested})
		return
	}
	expr := loc.Pattern
	if loc.Modifier == "~*" {
		expr = "(?i)" + expr
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		c.fail("location %q: %w", loc, err)
		return
	}
	l.regexes = append(l.regexes, regexLocation{match: re, regex: re, route: loc.Route, nested: nested})
}

func (l *level) addPrefix(loc *Location, nested *level) {
	found := prefixLeaf{route: loc.Route, noRegex: loc.Modifier == "^~", nested: nested}
	n, lf := l.leafAt(loc.Pattern, found)
	if loc.Modifier == "=" {
		n.ends = append([]leaf{lf}, n.ends...) // before a redirect
	} else {
		n.opens = append(n.opens, lf)
	}
	if bare, ok := strings.CutSuffix(loc.Pattern, "/"); ok && loc.Slash && bare != "" {
		found.redirect = true
		n, lf := l.leafAt(bare, found)
		n.ends = append(n.ends, lf)
	}
}

func (l *level) leafAt(pattern string, found prefixLeaf) (*node, leaf) {
	index := int32(len(l.leaves))
	l.leaves = append(l.leaves, found)
	return l.prefixes.insert([]token{{literal: pattern}}, index), leaf{index: index}
}

// Named returns the Route of a named location, "@" left out.
func (l *Locations) Named(name string) (int, bool) {
	route, ok := l.named[name]
	return route, ok
}
