package router

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"regexp"
	"strings"
)

// LocationMatch is the choice of [Locations.Find].
type LocationMatch struct {
	// Route is that of the location; -1 when there is none.
	Route int
	// Redirect asks for a redirect (301) to the path with "/" added; see [Location.Slash].
	Redirect bool
	// Regex is the regular expression that matched last; whoever needs the captures runs it again. Nil when none did, or a
	// Matcher of the caller's.
	Regex *regexp.Regexp
}

// outcome is what a level says; the names of NGINX's return codes are in the comments.
type outcome uint8

const (
	declined outcome = iota // NGX_DECLINED: nothing here matches
	prefixed                // NGX_AGAIN: a prefix matches, outer regular expressions may still win
	settled                 // NGX_OK or NGX_DONE
)

// Find chooses the location for path, which is normalised and decoded as NGINX's $uri. It may be called from any
// goroutine.
func (l *Locations) Find(path string) LocationMatch {
	m := LocationMatch{Route: -1}
	if l.top != nil {
		l.top.find(path, &m)
	}
	return m
}

// find follows ngx_http_core_find_location: an exact location ends the search; else the longest prefix is kept, with
// what is nested in it, and the regular expressions are tried in order unless the prefix was declared with ^~.
func (l *level) find(path string, m *LocationMatch) outcome {
	prefix, result := l.longest(path)
	noRegex := false
	if result != declined {
		m.Route, m.Redirect = prefix.route, prefix.redirect
		noRegex = prefix.noRegex
	}
	if result == prefixed {
		// As in NGINX, what the nested level says replaces what this one said: a nested prefix does not settle it.
		result = declined
		if prefix.nested != nil {
			result = prefix.nested.find(path, m)
		}
	}
	if result == settled || noRegex {
		return result
	}
	for i := range l.regexes {
		r := &l.regexes[i]
		if !r.match.MatchString(path) {
			continue
		}
		m.Route, m.Redirect, m.Regex = r.route, false, r.regex
		if r.nested != nil {
			r.nested.find(path, m)
		}
		return settled
	}
	return result
}

// longest walks the prefixes of one level.
func (l *level) longest(path string) (*prefixLeaf, outcome) {
	var best *prefixLeaf
	result := declined
	n, pos := l.prefixes, 0
	for {
		if pos == len(path) && len(n.ends) > 0 {
			end := &l.leaves[n.ends[0].index]
			if !end.redirect || len(n.opens) == 0 {
				return end, settled
			}
		}
		if len(n.opens) > 0 {
			best, result = &l.leaves[n.opens[0].index], prefixed
		}
		if pos == len(path) {
			return best, result
		}
		i := strings.IndexByte(n.indices, path[pos])
		if i < 0 || !strings.HasPrefix(path[pos:], n.children[i].label) {
			return best, result
		}
		n = n.children[i]
		pos += len(n.label)
	}
}
