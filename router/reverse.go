package router

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

// ErrNoReverse is wrapped by the errors of Reverse for a name, or arguments, that no route has: Django's NoReverseMatch.
var ErrNoReverse = errors.New("router: no reverse match")

// Reverse is what [Table.ReverseWith] needs beside the name. Args and Kwargs exclude each other.
type Reverse struct {
	// Args are the parameters in the order of the pattern.
	Args []any
	// Kwargs are the parameters by name. Declared kwargs of the route may be among them if they are equal.
	Kwargs map[string]any
	// CurrentApp is the namespace of the request ("outer:inner"), preferred when the name begins with an app name.
	CurrentApp string
	// ScriptPrefix is put in front ("/app/"); empty is "/".
	ScriptPrefix string
	// Query and Fragment are appended when they are not empty.
	Query    url.Values
	Fragment string
}

// Reverse makes the URL path of the route called name ("polls:detail") from positional arguments. See [Table.ReverseWith].
func (t *Table) Reverse(name string, args ...any) (string, error) {
	return t.ReverseWith(name, Reverse{Args: args})
}

// ReverseWith makes the URL path of the route called name, percent-encoded, by Django's rules (DJANGO.md U12): of several
// routes of that name the last declared one that fits the arguments. The error wraps [ErrNoReverse] and says what was
// tried, or is that of a converter's Format. Any goroutine may call it; it allocates.
func (t *Table) ReverseWith(name string, r Reverse) (string, error) {
	if len(r.Args) > 0 && len(r.Kwargs) > 0 {
		return "", fmt.Errorf("router: reverse of %q: positional and keyword arguments exclude each other", name)
	}
	spaces := strings.Split(name, ":")
	last := spaces[len(spaces)-1]
	scope, err := t.names.open(spaces[:len(spaces)-1], r.CurrentApp)
	if err != nil {
		return "", fmt.Errorf("%w for %q: %w", ErrNoReverse, name, err)
	}
	prefix := scriptPrefix(r.ScriptPrefix)
	candidates := scope.candidates[last]
	for _, c := range candidates {
		path, err := c.build(prefix, &r)
		if err != nil {
			return "", fmt.Errorf("router: reverse of %q: %w", name, err)
		}
		if path != "" {
			return finish(path, &r), nil
		}
	}
	return "", noReverse(name, &r, scope, candidates)
}

// scriptPrefix makes sure that the prefix ends with "/".
func scriptPrefix(prefix string) string {
	if strings.HasSuffix(prefix, "/") {
		return prefix
	}
	return prefix + "/"
}

func finish(path string, r *Reverse) string {
	if strings.HasPrefix(path, "//") { // a browser would take it for a host
		path = "/%2F" + path[2:]
	}
	if len(r.Query) > 0 {
		path += "?" + r.Query.Encode()
	}
	if r.Fragment != "" {
		path += "#" + escape(r.Fragment, pchar+"?")
	}
	return path
}

// noReverse says why: an unknown name, or arguments that fit none of its patterns.
func noReverse(name string, r *Reverse, scope *scopeNames, candidates []*candidate) error {
	if len(candidates) == 0 {
		known := slices.Sorted(maps.Keys(scope.candidates))
		return fmt.Errorf("%w for %q: no such name; known here: %s", ErrNoReverse, name, strings.Join(known, ", "))
	}
	var patterns []string
	for _, c := range candidates {
		patterns = append(patterns, fmt.Sprintf("%q", c.route()))
	}
	with := "without arguments"
	switch {
	case len(r.Args) > 0:
		with = fmt.Sprintf("with arguments %v", r.Args)
	case len(r.Kwargs) > 0:
		with = fmt.Sprintf("with keyword arguments %v", r.Kwargs)
	}
	return fmt.Errorf("%w for %q %s; tried: %s", ErrNoReverse, name, with, strings.Join(patterns, ", "))
}

// build makes the path; "" when the arguments do not fit.
func (c *candidate) build(prefix string, r *Reverse) (string, error) {
	c.once.Do(c.prepare)
	for i := range c.templates {
		t := &c.templates[i]
		texts, err := c.fill(t, r)
		if err != nil && !refuses(err) {
			return "", err
		}
		if err != nil || texts == nil {
			continue
		}
		if path := t.expand(texts); c.accepts(t, texts, path) {
			return escape(prefix+path, pchar), nil
		}
	}
	return "", nil
}

// fill makes the texts of the template's parameters, by name; nil when the set of arguments does not fit.
func (c *candidate) fill(t *template, r *Reverse) (map[string]string, error) {
	values := r.Kwargs
	if len(r.Args) > 0 {
		if len(r.Args) != len(t.params) {
			return nil, nil
		}
		values = map[string]any{}
		for i, name := range t.params {
			values[name] = r.Args[i]
		}
	} else if !c.fits(t, values) {
		return nil, nil
	}
	texts := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text, err := c.converters[name].format(values[name])
		if err != nil {
			return nil, err
		}
		texts[name] = text
	}
	return texts, nil
}

// fits reports whether the keyword arguments are those of the template; besides, declared ones may be given if equal.
func (c *candidate) fits(t *template, kwargs map[string]any) bool {
	for _, name := range t.params {
		if _, ok := kwargs[name]; !ok {
			return false
		}
	}
	for name, value := range kwargs {
		if slices.Contains(t.params, name) {
			continue
		}
		declared, ok := c.defaults[name]
		if !ok || !equal(declared, value) {
			return false
		}
	}
	return true
}

// equal compares as Python does, for which all integers are of one type.
func equal(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	return va.CanInt() && vb.CanInt() && va.Int() == vb.Int()
}

// accepts checks the path against the joined pattern: a value may hold what its parameter does not take.
func (c *candidate) accepts(t *template, texts map[string]string, path string) bool {
	if c.plain && c.valuesFit(texts) {
		return true
	}
	return c.check != nil && c.check.MatchString(path)
}

// valuesFit is the quick way for built-in converters: if each value is one of its kind, the whole matches.
func (c *candidate) valuesFit(texts map[string]string) bool {
	for _, s := range c.slots {
		text := texts[s.name]
		if s.kind != KindRest && s.kind.run(text, 0) != len(text) {
			return false
		}
	}
	return true
}
