// Package referer tells where requests come from by their Referer field: NGINX's valid_referers.
//
// It refuses nothing by itself: it makes the variable $invalid_referer. Anybody can send any Referer; this keeps honest
// browsers on other sites from using yours, not clients who do not want to be known.
package referer

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Regexp is a compiled regular expression.
type Regexp interface{ Match(b []byte) bool }

// Config is what valid_referers says in one location.
type Config struct {
	// None lets requests without the field pass ("none"), Blocked those whose field does not begin with http:// or https://
	// because a proxy has taken that away ("blocked").
	None, Blocked bool
	// Names are server names, exact or with "*." in front, "." in front, or ".*" behind, perhaps with a beginning of the path
	// ("example.com/a"), and regular expressions behind "~" for what is behind "http://".
	Names []string
	// ServerNames are those of the server for the parameter "server_names", nil without it; regular expressions behind "~"
	// are for the host.
	ServerNames []string
	// Compile compiles a regular expression so that case does not matter; the default is package regexp's.
	Compile func(pattern string) (Regexp, error)
}

// Referers is a compiled list. It is immutable and may be shared.
type Referers struct {
	none, blocked bool
	exact         []name // sorted by text
	heads         []name // "*.example.com" as ".example.com", sorted by text
	tails         []name // "www.example.*" as "www.example.", sorted by text
	hosts, urls   []Regexp
}

// name is a server name in lower case, and how the path must begin.
type name struct{ text, path string }

// New compiles c.
func New(c Config) (*Referers, error) {
	r := &Referers{none: c.None, blocked: c.Blocked}
	if c.Compile == nil {
		c.Compile = func(pattern string) (Regexp, error) { return regexp.Compile("(?i)" + pattern) }
	}
	for _, n := range c.Names {
		if err := r.add(n, &r.urls, c.Compile, true); err != nil {
			return nil, err
		}
	}
	for _, n := range c.ServerNames {
		if err := r.add(n, &r.hosts, c.Compile, false); err != nil {
			return nil, err
		}
	}
	if (c.None || c.Blocked) && c.ServerNames == nil && len(r.exact)+len(r.heads)+len(r.tails) == 0 {
		return nil, errors.New(`referer: the "none" or "blocked" referers are specified in the "valid_referers" directive without any valid referer`)
	}
	for _, list := range [][]name{r.exact, r.heads, r.tails} {
		slices.SortFunc(list, func(a, b name) int { return cmp.Compare(a.text, b.text) })
		for i := 1; i < len(list); i++ {
			if list[i].text == list[i-1].text {
				return nil, fmt.Errorf("referer: conflicting parameter %q", list[i].text)
			}
		}
	}
	return r, nil
}

// add compiles one name, or a regular expression to the list.
func (r *Referers) add(text string, list *[]Regexp, compile func(string) (Regexp, error), withPath bool) error {
	if pattern, ok := strings.CutPrefix(text, "~"); ok {
		if pattern == "" {
			return fmt.Errorf("referer: empty regex in %q", text)
		}
		re, err := compile(pattern)
		if err != nil {
			return fmt.Errorf("referer: %w", err)
		}
		*list = append(*list, re)
		return nil
	}
	if text == "" && withPath {
		return errors.New(`referer: invalid referer ""`)
	}
	n := name{text: text}
	if i := strings.IndexByte(text, '/'); i >= 0 && withPath {
		n = name{text[:i], text[i:]}
	}
	n.text = strings.ToLower(n.text)
	return r.addName(n)
}

// addName sorts a name to its kind (ngx_hash_add_key).
func (r *Referers) addName(n name) error {
	t := n.text
	switch {
	case strings.Contains(t, "..") || strings.IndexByte(t, 0) >= 0 || strings.Count(t, "*") > 1:
		return fmt.Errorf("referer: invalid hostname or wildcard %q", t)
	case len(t) > 1 && t[0] == '.' && !strings.Contains(t, "*"):
		r.exact = append(r.exact, name{t[1:], n.path})
		r.heads = append(r.heads, n)
	case len(t) > 2 && strings.HasPrefix(t, "*."):
		r.heads = append(r.heads, name{t[1:], n.path})
	case len(t) > 2 && strings.HasSuffix(t, ".*"):
		r.tails = append(r.tails, name{t[:len(t)-1], n.path})
	case strings.Contains(t, "*"):
		return fmt.Errorf("referer: invalid hostname or wildcard %q", t)
	default:
		r.exact = append(r.exact, n)
	}
	return nil
}
