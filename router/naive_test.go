package router

import (
	"regexp"
	"strconv"
	"strings"
)

// naive resolves as Django does: the entries one by one, each pattern as a regular expression matched alone. It shares
// nothing with the tree but the entries.
type naive struct {
	converters map[string]Converter
}

type naiveResult struct {
	route  int
	kwargs map[string]any
	rest   string
}

var naiveRegex = map[string]string{
	"str": `[^/]+`, "int": `[0-9]+`, "slug": `[-a-zA-Z0-9_]+`, "path": `[^\n]+`,
	"uuid": `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`,
}

// resolve returns the first match for method, and the methods of all that match the path when there is none.
func (n naive) resolve(entries []Entry, method Methods, whole, path string) (*naiveResult, Methods) {
	var allow Methods
	for i := range entries {
		e := &entries[i]
		end, kwargs, ok := n.match(e, whole, path)
		if !ok {
			continue
		}
		if e.include {
			below, more := n.resolve(e.children, method, whole, path[end:])
			allow |= more
			if below == nil {
				continue
			}
			merge(kwargs, e.scope.Kwargs)
			merge(kwargs, below.kwargs)
			below.kwargs = kwargs
			return below, 0
		}
		if m := e.endpoint.Methods.accepted(); m&method == 0 {
			allow |= m
			continue
		}
		merge(kwargs, e.endpoint.Kwargs)
		return &naiveResult{e.endpoint.Route, kwargs, whole[len(whole)-len(path)+end:]}, 0
	}
	return nil, allow
}

func merge(into, from map[string]any) {
	for k, v := range from {
		into[k] = v
	}
}

// match tries one pattern at the start of path, the end of whole.
func (n naive) match(e *Entry, whole, path string) (int, map[string]any, bool) {
	if e.form == formRegex {
		return n.matchRegex(e, path)
	}
	source, expr := e.pattern, `\A`
	if e.form == formMount {
		source = strings.TrimPrefix(source, "/")
	}
	var names, convs []string
	for source != "" {
		i := strings.IndexByte(source, '<')
		if i < 0 {
			expr += regexp.QuoteMeta(source)
			break
		}
		expr += regexp.QuoteMeta(source[:i])
		inside, rest, _ := strings.Cut(source[i+1:], ">")
		conv, name, found := strings.Cut(inside, ":")
		if !found {
			conv, name = "str", inside
		}
		class := naiveRegex[conv]
		if class == "" {
			class = n.converters[conv].Regex
		}
		expr += "(?P<" + name + ">" + class + ")"
		names, convs = append(names, name), append(convs, conv)
		source = rest
	}
	if !e.include && e.form == formPath {
		expr += `\z`
	}
	re := regexp.MustCompile(expr)
	at := re.FindStringSubmatchIndex(path)
	if at == nil {
		return 0, nil, false
	}
	kwargs := map[string]any{}
	for i, name := range names {
		g := re.SubexpIndex(name)
		value, err := n.convert(convs[i], path[at[2*g]:at[2*g+1]])
		if err != nil {
			return 0, nil, false
		}
		kwargs[name] = value
	}
	end := at[1]
	if e.form == formMount {
		switch {
		case whole[len(whole)-len(path)+end-1] == '/':
			end--
		case end < len(path) && path[end] != '/':
			return 0, nil, false
		}
	}
	return end, kwargs, true
}

func (n naive) convert(conv, text string) (any, error) {
	if conv == "int" {
		return strconv.ParseInt(text, 10, 64)
	}
	if c, ok := n.converters[conv]; ok {
		return c.Parse(text)
	}
	return text, nil
}

func (n naive) matchRegex(e *Entry, path string) (int, map[string]any, bool) {
	expr := e.pattern
	if !e.include && strings.HasSuffix(expr, "$") {
		expr = `\A(?:` + expr + `)\z`
	}
	re := regexp.MustCompile(expr)
	at := re.FindStringSubmatchIndex(path)
	if at == nil {
		return 0, nil, false
	}
	kwargs := map[string]any{}
	for g, name := range re.SubexpNames() {
		if name != "" && at[2*g] >= 0 {
			kwargs[name] = path[at[2*g]:at[2*g+1]]
		}
	}
	return at[1], kwargs, true
}
