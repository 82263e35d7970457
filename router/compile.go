package router

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Table is a compiled list of entries. It is immutable, so any number of goroutines may use it.
type Table struct {
	tree      *flatTree
	endpoints []*endpoint // by declared index
	top       *branch     // the entries as declared
	names     *scopeNames // for Reverse
}

// Config is what [Compile] needs beside the entries. The zero value is fine.
type Config struct {
	// Converters are the user-defined converters by name.
	Converters map[string]Converter
}

// endpoint is an Endpoint in its place.
type endpoint struct {
	info   RouteInfo
	kwargs map[string]any // declared
	chain  []*branch      // its includes from the outermost inwards, and itself
	fields []field        // keyword arguments, the one that wins first
	layers []layer        // one per pattern of the chain
}

// field is where a keyword argument comes from: a captured slot, or (slot < 0) a declared value.
type field struct {
	name  string
	slot  int32
	kind  Kind // a declared integer is KindInt, other declared values are KindCustom
	value any
	text  string
	num   int64
}

// layer is what one pattern of the chain captures: slots from to to-1.
type layer struct {
	from, to   int
	positional bool
	static     bool // declared kwargs belong to it
}

// branch is an entry with its pattern understood; the top one has no pattern.
type branch struct {
	pattern  *pattern
	include  bool
	scope    Scope
	children []*branch
	endpoint *endpoint // of an entry that is no include
}

// compiler carries what Compile gathers.
type compiler struct {
	table      *Table
	root       *node
	converters map[string]*converter
	errs       []error
	warnings   []Warning
}

// Compile builds a table. It reports all errors at once (errors.Join), each naming the pattern, and warns of what is
// legal but is hardly meant: shadowed routes, patterns that can never match.
func Compile(entries []Entry, config Config) (*Table, []Warning, error) {
	c := &compiler{table: &Table{}, root: newNode(), converters: map[string]*converter{}}
	for _, name := range slices.Sorted(maps.Keys(config.Converters)) {
		conv, err := newConverter(name, config.Converters[name])
		if err != nil {
			c.errs = append(c.errs, err)
			continue
		}
		c.converters[name] = conv
	}
	c.table.top = &branch{include: true}
	c.table.top.children = c.compileAll(entries, nil)
	if len(c.errs) > 0 {
		return nil, nil, errors.Join(c.errs...)
	}
	c.root.sortChildren()
	c.table.tree = flatten(c.root)
	c.table.names = collectNames(c.table.top.children, nil)
	c.warnAll()
	return c.table, c.warnings, nil
}

func (c *compiler) fail(pattern, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("router: pattern %q: %w", pattern, fmt.Errorf(format, args...)))
}

// compileAll compiles the entries below the includes in chain.
func (c *compiler) compileAll(entries []Entry, chain []*branch) []*branch {
	var branches []*branch
	for i := range entries {
		e := &entries[i]
		p, err := parsePattern(e, c.converters)
		if err != nil {
			c.fail(e.pattern, "%w", err)
			continue
		}
		b := &branch{pattern: p, include: e.include, scope: e.scope}
		chain := append(slices.Clip(chain), b)
		if e.include {
			c.compileInclude(e, b, chain)
		} else {
			c.addEndpoint(e, b, chain)
		}
		branches = append(branches, b)
	}
	return branches
}

func (c *compiler) compileInclude(e *Entry, b *branch, chain []*branch) {
	if b.scope.App == "" && b.scope.Namespace != "" {
		c.fail(e.pattern, "namespace %q without an app name", b.scope.Namespace)
	}
	if b.scope.Namespace == "" {
		b.scope.Namespace = b.scope.App
	}
	if len(chain) > MaxDepth {
		c.fail(e.pattern, "includes are nested more than %d deep", MaxDepth)
		return
	}
	b.children = c.compileAll(e.children, chain)
}

// addEndpoint numbers an endpoint and puts it into the tree.
func (c *compiler) addEndpoint(e *Entry, b *branch, chain []*branch) {
	index := int32(len(c.table.endpoints))
	ep := &endpoint{kwargs: e.endpoint.Kwargs, chain: chain}
	ep.info = newRouteInfo(e, int(index), chain)
	if n := ep.resolveFields(); n > MaxParams {
		c.fail(ep.info.Pattern, "%d parameters with those of its includes, at most %d are allowed", n, MaxParams)
		return
	}
	b.endpoint = ep
	c.table.endpoints = append(c.table.endpoints, ep)

	var tokens []token
	for _, b := range chain {
		tokens = append(tokens, b.pattern.tokens...)
	}
	n := c.root.insert(tokens, index)
	l := leaf{index: index, methods: ep.info.Methods.accepted(), mount: b.pattern.form == formMount}
	if b.pattern.open {
		n.opens = append(n.opens, l)
	} else {
		n.ends = append(n.ends, l)
	}
}

// resolveFields lists the keyword arguments in the order in which they win (DJANGO.md U8): the endpoint's declared
// ones, what its pattern captures, and so on outwards. It returns the number of slots.
func (ep *endpoint) resolveFields() int {
	kwargs, total := ep.kwargs, 0
	for _, b := range ep.chain {
		p := b.pattern
		static := len(b.scope.Kwargs) > 0 || b == ep.chain[len(ep.chain)-1] && len(kwargs) > 0
		ep.layers = append(ep.layers, layer{from: total, to: total + len(p.slots), positional: p.positional, static: static})
		total += len(p.slots)
	}
	for i := len(ep.chain) - 1; i >= 0; i-- {
		if i < len(ep.chain)-1 {
			kwargs = ep.chain[i].scope.Kwargs
		}
		for _, name := range slices.Sorted(maps.Keys(kwargs)) {
			ep.addField(staticField(name, kwargs[name]))
		}
		for j, s := range ep.chain[i].pattern.slots {
			if s.name != "" {
				ep.addField(field{name: s.name, slot: int32(ep.layers[i].from + j), kind: s.kind})
			}
		}
	}
	return total
}

// addField appends f unless a value that is always there hides it.
func (ep *endpoint) addField(f field) {
	for _, earlier := range ep.fields {
		if earlier.name == f.name && earlier.kind != KindGroup {
			return
		}
	}
	ep.fields = append(ep.fields, f)
}

func staticField(name string, value any) field {
	f := field{name: name, slot: -1, kind: KindCustom, value: value, text: textOf(value)}
	switch v := value.(type) {
	case int:
		f.kind, f.num = KindInt, int64(v)
	case int64:
		f.kind, f.num = KindInt, v
	}
	return f
}
