// Hot: runs for every field of a request; no allocation, no map, no defer.

package cgi

import "strings"

// capitals maps a byte of a field's name to that of its variable.
var capitals = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c] = byte(c) - 'a' + 'A'
	}
	t['-'] = '_'
	return t
}()

// FieldPrefix begins the name of every variable that is a request field (RFC 3875 section 4.1.18).
const FieldPrefix = "HTTP_"

// AppendFieldName appends the name of the variable of a request field: "X-Real-IP" becomes "HTTP_X_REAL_IP".
func AppendFieldName(dst, name []byte) []byte {
	dst = append(dst, FieldPrefix...)
	at := len(dst)
	dst = append(dst, name...)
	for i, c := range dst[at:] {
		dst[at+i] = capitals[c]
	}
	return dst
}

// Fields says which request fields do not become variables: those whose variable the configuration sets, and Proxy. The
// zero value skips Proxy alone. It never changes after NewFields.
type Fields struct{ set []string }

// NewFields takes the names of the configured parameters. Those that begin with HTTP_ (in capitals, as NGINX has it) count;
// what follows the prefix is compared without case. An entry that a configuration sets to the empty string belongs in the
// list as well: in NGINX it stops the field and sends nothing.
func NewFields(params []string) Fields {
	f := Fields{}
	for _, p := range params {
		if name, ok := strings.CutPrefix(p, FieldPrefix); ok && name != "" {
			f.set = append(f.set, strings.ToUpper(name))
		}
	}
	return f
}

// Skips reports whether the request field of this name is not passed on.
func (f *Fields) Skips(name []byte) bool {
	if equal("PROXY", name) {
		return true
	}
	for _, s := range f.set {
		if equal(s, name) {
			return true
		}
	}
	return false
}

// equal compares a variable's name without its prefix with that of a field.
func equal(variable string, field []byte) bool {
	if len(variable) != len(field) {
		return false
	}
	for i := range field {
		if capitals[field[i]] != variable[i] {
			return false
		}
	}
	return true
}

// Separator is what stands between the values of a field that was sent in several lines (RFC 3875 section 4.1.18, and RFC
// 6265 section 5.4 for Cookie).
func Separator(name []byte) string {
	if equal("COOKIE", name) {
		return "; "
	}
	return ", "
}
