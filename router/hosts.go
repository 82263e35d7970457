package router

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Host is a line of a [Hosts] table.
type Host struct {
	// Pattern is a name ("example.com"), a name with its first labels open ("*.example.com", which takes one label or
	// more), or "*" for every host. Upper case is the same as lower case.
	Pattern string
	// Route is the caller's integer: an index into its tables.
	Route int
}

// Hosts chooses a table by the host of a request. The first declared pattern that matches wins. It is immutable.
type Hosts struct {
	exact []hostEntry // by name
	wild  []hostEntry // in declared order; name is the suffix with its dot, or empty for "*"
}

type hostEntry struct {
	name  string
	index int
	route int
}

// CompileHosts builds the table, or reports all patterns that are wrong or come twice.
func CompileHosts(hosts []Host) (*Hosts, error) {
	h := &Hosts{}
	var errs []error
	seen := map[string]bool{}
	for i, host := range hosts {
		name := strings.ToLower(host.Pattern)
		suffix, wild := strings.CutPrefix(name, "*")
		switch {
		case name == "" || strings.ContainsAny(suffix, "*/: ") || wild && suffix != "" && suffix[0] != '.':
			errs = append(errs, fmt.Errorf("router: host %q: want a name, \"*.name\" or \"*\"", host.Pattern))
		case seen[name]:
			errs = append(errs, fmt.Errorf("router: host %q: declared twice", host.Pattern))
		case wild:
			h.wild = append(h.wild, hostEntry{suffix, i, host.Route})
		default:
			h.exact = append(h.exact, hostEntry{name, i, host.Route})
		}
		seen[name] = true
	}
	slices.SortFunc(h.exact, func(a, b hostEntry) int { return cmp.Compare(a.name, b.name) })
	return h, errors.Join(errs...)
}

// Find returns the Route for host, which is in lower case and without port or final dot; -1 when none matches. Hot: it
// does not allocate. Exact names are found by binary search, open ones are tried in order.
func (h *Hosts) Find(host string) int {
	route, index := -1, noIndex
	low, high := 0, len(h.exact)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if h.exact[middle].name < host {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low < len(h.exact) && h.exact[low].name == host {
		route, index = h.exact[low].route, h.exact[low].index
	}
	for i := range h.wild {
		w := &h.wild[i]
		if w.index > index {
			break
		}
		if len(host) > len(w.name) && strings.HasSuffix(host, w.name) {
			return w.route
		}
	}
	return route
}
