package master

import "strings"

// Usage is what -h shows: NGINX's options with the program's defaults.
func (p Program) Usage() string {
	var b strings.Builder
	writeUsage(&b, p.Paths.withDefaults())
	return b.String()
}
