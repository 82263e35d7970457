// Hot: runs for every request; no allocation, no map, no defer.

package http1

// A Method is a request method of RFC 9110 section 9 (or PATCH, RFC 5789) as a small integer. Method names are
// case-sensitive: "get" is MethodOther. The bytes of any method are in [Request.MethodSpan].
type Method uint8

// The methods.
const (
	MethodOther Method = iota
	MethodGet
	MethodHead
	MethodPost
	MethodPut
	MethodDelete
	MethodConnect
	MethodOptions
	MethodTrace
	MethodPatch

	methodCount
)

var methodNames = [methodCount]string{"OTHER", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

// String is the method's name; "OTHER" for MethodOther.
func (m Method) String() string {
	if m >= methodCount {
		return methodNames[MethodOther]
	}
	return methodNames[m]
}

// LookupMethod finds the Method of a name.
func LookupMethod(name []byte) Method {
	switch string(name) {
	case "GET":
		return MethodGet
	case "HEAD":
		return MethodHead
	case "POST":
		return MethodPost
	case "PUT":
		return MethodPut
	case "DELETE":
		return MethodDelete
	case "CONNECT":
		return MethodConnect
	case "OPTIONS":
		return MethodOptions
	case "TRACE":
		return MethodTrace
	case "PATCH":
		return MethodPatch
	}
	return MethodOther
}

// IsToken reports whether b is a token, as a method and the name of a field are (RFC 9110 section 5.6.2).
func IsToken(b []byte) bool { return len(b) > 0 && allIn(b, isToken) }
