// Hot: runs for every response; no allocation, no map, no defer.

package http1

import (
	"slices"
	"strconv"
	"unsafe"
)

const (
	// LastChunk ends chunked content without trailers (RFC 9112 section 7.1).
	LastChunk = "0\r\n\r\n"
	// Continue is the whole interim response that lets a client send its content (RFC 9110 section 15.2.1).
	Continue = "HTTP/1.1 100 Continue\r\n\r\n"
)

// statusTexts holds the reason phrases by status-100; RFC 9110 section 15 and the IANA registry.
var statusTexts = [500]string{
	0: "Continue", 1: "Switching Protocols", 2: "Processing", 3: "Early Hints",
	100: "OK", 101: "Created", 102: "Accepted", 103: "Non-Authoritative Information", 104: "No Content", 105: "Reset Content",
	106: "Partial Content", 107: "Multi-Status", 108: "Already Reported", 126: "IM Used",
	200: "Multiple Choices", 201: "Moved Permanently", 202: "Found", 203: "See Other", 204: "Not Modified", 205: "Use Proxy",
	207: "Temporary Redirect", 208: "Permanent Redirect",
	300: "Bad Request", 301: "Unauthorized", 302: "Payment Required", 303: "Forbidden", 304: "Not Found",
	305: "Method Not Allowed", 306: "Not Acceptable", 307: "Proxy Authentication Required", 308: "Request Timeout",
	309: "Conflict", 310: "Gone", 311: "Length Required", 312: "Precondition Failed", 313: "Content Too Large",
	314: "URI Too Long", 315: "Unsupported Media Type", 316: "Range Not Satisfiable", 317: "Expectation Failed",
	318: "I'm a teapot", 321: "Misdirected Request", 322: "Unprocessable Content", 323: "Locked", 324: "Failed Dependency",
	325: "Too Early", 326: "Upgrade Required", 328: "Precondition Required", 329: "Too Many Requests",
	331: "Request Header Fields Too Large", 351: "Unavailable For Legal Reasons",
	400: "Internal Server Error", 401: "Not Implemented", 402: "Bad Gateway", 403: "Service Unavailable",
	404: "Gateway Timeout", 405: "HTTP Version Not Supported", 406: "Variant Also Negotiates", 407: "Insufficient Storage",
	408: "Loop Detected", 410: "Not Extended", 411: "Network Authentication Required",
}

// statusLines holds the whole status lines, made once.
var statusLines = func() (lines [500]string) {
	for i := range lines {
		lines[i] = "HTTP/1.1 " + strconv.Itoa(100+i) + " " + statusTexts[i] + "\r\n"
	}
	return lines
}()

// StatusText returns the reason phrase of a status, "" when it has none.
func StatusText(status int) string {
	if status < 100 || status > 599 {
		return ""
	}
	return statusTexts[status-100]
}

// AppendStatusLine appends "HTTP/1.1 status reason" and its line end. A status outside 100 to 599 becomes 500. The version
// is the server's own, whatever the client's (section 2.3).
func AppendStatusLine(dst []byte, status int) []byte {
	if status < 100 || status > 599 {
		status = 500
	}
	return append(dst, statusLines[status-100]...)
}

// AppendField appends a field line. Neither part may hold CR, LF or NUL: see ValidFieldValue.
//
// It is no inline function, because a head has many fields, and code that runs once in a request runs from a cold cache: the one copy
// is warm from the second field on.
//
//go:noinline
func AppendField(dst []byte, name, value string) []byte {
	at, n := len(dst), len(name)+len(value)+len(": \r\n")
	dst = slices.Grow(dst, n)[:at+n]
	at += copy(dst[at:], name)
	dst[at], dst[at+1] = ':', ' '
	at += 2
	at += copy(dst[at:], value)
	dst[at], dst[at+1] = '\r', '\n'
	return dst
}

// AppendString is append for a string, as AppendField is.
//
//go:noinline
func AppendString(dst []byte, s string) []byte { return append(dst, s...) }

// AppendLength appends a Content-Length field.
func AppendLength(dst []byte, n uint64) []byte {
	var digits [20]byte
	at := len(digits)
	for {
		at--
		digits[at] = byte('0' + n%10)
		if n /= 10; n == 0 {
			break
		}
	}
	return AppendField(dst, "Content-Length", unsafe.String(&digits[at], len(digits)-at))
}

// ValidFieldName reports whether s is a token (RFC 9110 section 5.1).
func ValidFieldName(s string) bool {
	for i := 0; i < len(s); i++ {
		if class[s[i]]&isToken == 0 {
			return false
		}
	}
	return s != ""
}

// ValidFieldValue reports whether s may be sent as a field value: without the control bytes by which a value becomes a
// second field or a second response (RFC 9110 section 5.5).
func ValidFieldValue(s string) bool {
	for i := 0; i < len(s); i++ {
		if class[s[i]]&isValue == 0 {
			return false
		}
	}
	return true
}

// AppendUint appends n in decimal.
func AppendUint(dst []byte, n uint64) []byte { return strconv.AppendUint(dst, n, 10) }

// AppendChunkHead appends the line before n > 0 bytes of chunked content; "\r\n" follows them.
func AppendChunkHead(dst []byte, n int) []byte {
	return append(strconv.AppendUint(dst, uint64(n), 16), "\r\n"...)
}

// BodyAllowed reports whether a response of that status may have content (RFC 9110 section 6.4.1).
func BodyAllowed(status int) bool { return status >= 200 && status != 204 && status != 304 }
