// Hot: runs for every request to a FastCGI server; no allocation, no map, no defer.

package fastcgi

import (
	"fmt"

	"github.com/wheelpit/wheelpit/server/cgi"
)

const (
	// RequestID is the id of every request.
	RequestID = 1
	// HeaderSize is the length in bytes of a record's header (section 3.3).
	HeaderSize = 8
	// MaxRecord is the most bytes of content that a record holds (section 3.3).
	MaxRecord = 65535
	// MaxStdin is the most bytes of content that NGINX puts in one STDIN record.
	MaxStdin = 32 << 10
)

// The record types that are sent or received here (section 8).
const (
	typeBegin  = 1
	typeEnd    = 3
	typeParams = 4
	typeStdin  = 5
	typeStdout = 6
	typeStderr = 7
)

const (
	version       = 1
	roleResponder = 1
	keepConn      = 1
)

func appendHeader(dst []byte, kind byte, length, padding int) []byte {
	return append(dst, version, kind, 0, RequestID, byte(length>>8), byte(length), byte(padding), 0)
}

// padding is how many bytes make a content of n bytes a multiple of eight, which the specification recommends and NGINX
// does.
func padding(n int) int { return -n & 7 }

// AppendBegin appends BEGIN_REQUEST for a responder. With keepAlive the server leaves the connection open after its answer
// (fastcgi_keep_conn).
func AppendBegin(dst []byte, keepAlive bool) []byte {
	flags := byte(0)
	if keepAlive {
		flags = keepConn
	}
	dst = appendHeader(dst, typeBegin, 8, 0)
	return append(dst, 0, roleResponder, flags, 0, 0, 0, 0, 0)
}

// OpenParams appends the header of the PARAMS record; parameters follow, then CloseParams.
func OpenParams(dst []byte) []byte { return appendHeader(dst, typeParams, 0, 0) }

// CloseParams ends the PARAMS record that was opened when dst had the length at, and the stream: dst then ends with an
// empty PARAMS record. It is an error if the parameters exceed MaxRecord; NGINX then answers 500.
func CloseParams(dst []byte, at int) ([]byte, error) {
	n := len(dst) - at - HeaderSize
	if n > MaxRecord {
		return dst, fmt.Errorf("fastcgi request record is too big: %d", n)
	}
	if n == 0 {
		return dst, nil // the record is the end of the stream
	}
	pad := padding(n)
	dst[at+4], dst[at+5], dst[at+6] = byte(n>>8), byte(n), byte(pad)
	dst = append(dst, zeros[:pad]...)
	return appendHeader(dst, typeParams, 0, 0), nil
}

// OpenParam appends the name of a parameter; its value follows, then CloseParam with the length that dst has now. To leave
// the parameter out after all, cut dst back to that length.
func OpenParam(dst []byte, name string) []byte {
	dst = appendLength(dst, len(name))
	dst = append(dst, 0)
	return append(dst, name...)
}

// OpenField is OpenParam for a request field: X-Real-IP becomes HTTP_X_REAL_IP. Which fields are passed on decides
// cgi.Fields.
func OpenField(dst, name []byte) []byte {
	dst = appendLength(dst, len(cgi.FieldPrefix)+len(name))
	dst = append(dst, 0)
	return cgi.AppendFieldName(dst, name)
}

// CloseParam ends the parameter that was opened when dst had the length at: it writes the length of the value, in one byte
// up to 127, else in four, for which name and value move up (section 3.4).
func CloseParam(dst []byte, at int) []byte {
	name, size := int(dst[at]), 1
	if name > 127 {
		name, size = name&127<<24|int(dst[at+1])<<16|int(dst[at+2])<<8|int(dst[at+3]), 4
	}
	at += size
	value := len(dst) - at - 1 - name
	if value <= 127 {
		dst[at] = byte(value)
		return dst
	}
	dst = append(dst, 0, 0, 0)
	copy(dst[at+4:], dst[at+1:len(dst)-3])
	appendLength(dst[:at], value)
	return dst
}

// AppendParam appends a whole parameter.
func AppendParam(dst []byte, name, value string) []byte {
	dst = appendLength(dst, len(name))
	dst = appendLength(dst, len(value))
	dst = append(dst, name...)
	return append(dst, value...)
}

// appendLength appends the length of a name or a value (section 3.4).
func appendLength(dst []byte, n int) []byte {
	if n <= 127 {
		return append(dst, byte(n))
	}
	return append(dst, byte(n>>24)|0x80, byte(n>>16), byte(n>>8), byte(n))
}

var zeros [8]byte

// AppendStdinHeader appends the header of a STDIN record. n bytes of content follow, 1 to MaxRecord, then AppendPadding
// with the same n; the content is sent from where it lies.
func AppendStdinHeader(dst []byte, n int) []byte {
	return appendHeader(dst, typeStdin, n, padding(n))
}

// AppendPadding appends the bytes behind the content of a STDIN record of n bytes, 0 to 7.
func AppendPadding(dst []byte, n int) []byte { return append(dst, zeros[:padding(n)]...) }

// AppendStdin appends content of any length in whole records, copied: for content that is short.
func AppendStdin(dst, content []byte) []byte {
	for len(content) > 0 {
		n := min(len(content), MaxStdin)
		dst = append(AppendStdinHeader(dst, n), content[:n]...)
		dst = AppendPadding(dst, n)
		content = content[n:]
	}
	return dst
}

// AppendStdinEnd appends the empty record that ends the content.
func AppendStdinEnd(dst []byte) []byte { return appendHeader(dst, typeStdin, 0, 0) }
