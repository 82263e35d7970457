package routertest

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wheelpit/wheelpit/router"
)

// entry is a pattern of a URLconf.
type entry struct {
	T         string            `json:"t"`
	Route     string            `json:"route"`
	View      string            `json:"view"`
	Name      string            `json:"name"`
	Kwargs    map[string]string `json:"kwargs"`
	Include   *[]entry          `json:"include"`
	AppName   string            `json:"app_name"`
	Namespace string            `json:"namespace"`
}

// match is what Django's resolve returns.
type match struct {
	View       string           `json:"view"`
	URLName    string           `json:"url_name"`
	ViewName   string           `json:"view_name"`
	AppNames   []string         `json:"app_names"`
	Namespaces []string         `json:"namespaces"`
	Route      string           `json:"route"`
	Args       []typed          `json:"args"`
	Kwargs     map[string]typed `json:"kwargs"`
}

// typed is a value with its Python type; V is nil for a group that did not take part.
type typed struct {
	T string  `json:"t"`
	V *string `json:"v"`
}

// value is what a Go caller would hand to Reverse.
func (t typed) value() any {
	if t.V == nil {
		return nil
	}
	if n, err := strconv.ParseInt(*t.V, 10, 64); err == nil && t.T == "int" {
		return n
	}
	return *t.V
}

// conf is a compiled URLconf.
type conf struct {
	table     *router.Table
	views     []string
	source    string // all routes, to recognise deviations
	err       error
	deviation string
}

// lookAround is what Python's regular expressions have and Go's have not.
var lookAround = regexp.MustCompile(`\(\?(?:=|!|<=|<!|P=)|\\[1-9]`)

func newConf(entries []entry, converters map[string]router.Converter) *conf {
	c := &conf{}
	c.table, _, c.err = router.Compile(c.entries(entries), router.Config{Converters: converters})
	if lookAround.MatchString(c.source) {
		c.deviation = "U10: look-around and back-references are refused at load"
	}
	return c
}

func (c *conf) entries(list []entry) []router.Entry {
	var entries []router.Entry
	for _, e := range list {
		c.source += e.Route + "\n"
		entries = append(entries, c.entry(e))
	}
	return entries
}

func (c *conf) entry(e entry) router.Entry {
	var kwargs map[string]any
	for name, value := range e.Kwargs {
		if kwargs == nil {
			kwargs = map[string]any{}
		}
		kwargs[name] = value
	}
	if e.Include != nil {
		s := router.Scope{App: e.AppName, Namespace: e.Namespace, Kwargs: kwargs}
		if e.T == "re_path" {
			return router.ReInclude(e.Route, s, c.entries(*e.Include)...)
		}
		return router.Include(e.Route, s, c.entries(*e.Include)...)
	}
	c.views = append(c.views, e.View)
	p := router.Endpoint{Route: len(c.views) - 1, Name: e.Name, View: "views." + e.View, Kwargs: kwargs}
	if e.T == "re_path" {
		return router.RePath(e.Route, p)
	}
	return router.Path(e.Route, p)
}

// checkResolve compares a resolved path, or what was tried when it has no route.
func (c *conf) checkResolve(l *line) string {
	var m router.Match
	verdict := c.table.Find(router.GET, l.Path, &m)
	if l.Match == nil {
		if verdict != router.NotFound {
			return fmt.Sprintf("found %s", m.Info().ViewName)
		}
		tried := [][]string{}
		for _, a := range c.table.Tried(l.Path) {
			tried = append(tried, a.Chain)
		}
		return differ("tried", tried, l.Tried)
	}
	if verdict != router.Found {
		return fmt.Sprintf("verdict %d, want view %s", verdict, l.Match.View)
	}
	info, want := m.Info(), l.Match
	return differ("view", c.views[m.Route], want.View) + differ("url_name", info.Name, want.URLName) +
		differ("view_name", info.ViewName, want.ViewName) + differ("route", info.Pattern, want.Route) +
		differ("app_names", info.AppNames, want.AppNames) + differ("namespaces", info.Namespaces, want.Namespaces) +
		differArgs(m.Args(), want.Args) + differKwargs(&m, want.Kwargs)
}

func differArgs(got []any, want []typed) string {
	if len(got) != len(want) {
		return fmt.Sprintf("args: got %q, want %d; ", got, len(want))
	}
	diff := ""
	for i, w := range want {
		diff += differValue(fmt.Sprintf("args[%d]", i), got[i], w)
	}
	return diff
}

func differKwargs(m *router.Match, want map[string]typed) string {
	kwargs := m.Kwargs()
	diff := ""
	if len(kwargs) != len(want) {
		diff = fmt.Sprintf("kwargs: got %q, want %d; ", kwargs, len(want))
	}
	for name, w := range want {
		diff += differValue(name, kwargs[name], w)
		if value, ok := m.Value(name); ok {
			diff += differValue(name+" by name", value, w)
		}
	}
	return diff
}

func differValue(what string, got any, want typed) string {
	if want.V == nil {
		return differ(what, got, nil)
	}
	_, isInt := got.(int64)
	if isInt != (want.T == "int") {
		return fmt.Sprintf("%s: got a %T, want type %s; ", what, got, want.T)
	}
	return differ(what, fmt.Sprint(got), *want.V)
}

// checkReverse compares a reversed URL, or that there is none, and names the deviation that a difference may be.
func (c *conf) checkReverse(l *line) (deviation, difference string) {
	r := router.Reverse{CurrentApp: l.CurrentApp, ScriptPrefix: l.ScriptPrefix}
	for _, a := range l.Args {
		r.Args = append(r.Args, a.value())
	}
	if len(l.Kwargs) > 0 {
		r.Kwargs = map[string]any{}
		for name, v := range l.Kwargs {
			r.Kwargs[name] = v.value()
		}
	}
	url, err := c.table.ReverseWith(l.Name, r)
	deviation = c.reverseDeviation(l, err)
	switch {
	case l.URL != nil && err != nil:
		return deviation, err.Error()
	case l.URL != nil:
		return deviation, differ("url", url, *l.URL)
	case err == nil:
		return deviation, fmt.Sprintf("url %q, want %s", url, l.Error)
	case errors.Is(err, router.ErrNoReverse) != (l.Error == "NoReverseMatch"):
		return deviation, fmt.Sprintf("%v, want %s", err, l.Error)
	}
	return "", ""
}

// resolveDeviation names the rule by which a case may be answered differently.
func resolveDeviation(l *line) string {
	if l.Match == nil {
		return ""
	}
	if unicodeClass.MatchString(l.Match.Route) && !isASCII(l.Path) {
		return unicodeDeviation
	}
	for _, v := range l.Match.Kwargs {
		if n := new(big.Int); v.T == "int" && v.V != nil {
			if _, ok := n.SetString(*v.V, 10); ok && !n.IsInt64() {
				return "U3: an integer beyond int64 does not match"
			}
		}
	}
	return ""
}

// unicodeClass is a class that Python's regular expressions take for Unicode, Go's for ASCII.
var unicodeClass = regexp.MustCompile(`\\[wWdDsSbB]`)

const unicodeDeviation = `U10: \w, \d and \s are ASCII`

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// inlineFlags is a regular expression that Django cannot reverse.
var inlineFlags = regexp.MustCompile(`\(\?[a-zA-Z-]+[:)]`)

func (c *conf) reverseDeviation(l *line, err error) string {
	switch {
	case l.URL != nil && strings.ContainsAny(*l.URL, "%") && unicodeClass.MatchString(c.source):
		return unicodeDeviation
	case l.Error == "error" || l.Error == "PatternError":
		return "U12: a name that two patterns of a chain capture does not spoil the joined expression"
	case l.Error == "TypeError" && strings.Contains(c.source, "%"):
		return `U13: a literal "%" in a route is reversible`
	case l.Error == "ValueError" && inlineFlags.MatchString(c.source):
		return "U13: an inline flag does not spoil the reversing of other names"
	case l.Error == "NoReverseMatch" && err != nil && !errors.Is(err, router.ErrNoReverse):
		// Django 5 caches _route_to_regex by route and hands out the cached converters, which _populate then changes:
		// what a converter refuses depends on the URLconfs that the same process had before.
		return "U4: a converter's error is reported as it is"
	}
	return ""
}
