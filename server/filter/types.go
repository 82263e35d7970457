package filter

// Hot: runs for every response of a location with filters; no allocation, no map, no defer.

import "strings"

// Types is a set of media types, as the ..._types directives of NGINX give it. The zero value has none.
type Types struct {
	all   bool
	names []string
}

// NewTypes returns the set of a directive's arguments. "*" is every type, a response without one included. text/html is always
// in it, as in NGINX; without arguments the set is defaults.
func NewTypes(args []string, defaults ...string) *Types {
	t := new(Types)
	if len(args) == 0 {
		t.names = defaults
		return t
	}
	t.names = append(t.names, "text/html")
	for _, a := range args {
		if a == "*" {
			return &Types{all: true}
		}
		if !t.Has(a) {
			t.names = append(t.names, a)
		}
	}
	return t
}

// Has tells whether the media type of a Content-Type value, without its parameters and in any case, is in the set.
func (t *Types) Has(contentType string) bool {
	if t.all {
		return true
	}
	name := MediaType(contentType)
	for _, n := range t.names {
		if len(n) == len(name) && strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// MediaType returns a Content-Type value without its parameters.
func MediaType(contentType string) string {
	i := strings.IndexByte(contentType, ';')
	if i < 0 {
		return contentType
	}
	for i > 0 && contentType[i-1] == ' ' {
		i--
	}
	return contentType[:i]
}
