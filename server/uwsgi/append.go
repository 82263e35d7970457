// Hot: runs for every request to a uwsgi server; no allocation, no map, no defer.

package uwsgi

import (
	"fmt"

	"github.com/wheelpit/wheelpit/server/cgi"
)

const (
	// HeaderSize is the length in bytes of a packet's header.
	HeaderSize = 4
	// MaxPacket is the most bytes that the environment of a packet takes.
	MaxPacket = 65535
)

// Open appends the header of a packet (uwsgi_modifier1, uwsgi_modifier2); parameters follow, then Close.
func Open(dst []byte, modifier1, modifier2 byte) []byte {
	return append(dst, modifier1, 0, 0, modifier2)
}

// Close ends the packet that was opened when dst had the length at. Everything behind its header counts, so a uwsgi_string
// of the configuration can be appended before. It is an error if that exceeds MaxPacket; NGINX then answers 500.
func Close(dst []byte, at int) ([]byte, error) {
	n := len(dst) - at - HeaderSize
	if n > MaxPacket {
		return dst, fmt.Errorf("uwsgi request is too big: %d", n)
	}
	dst[at+1], dst[at+2] = byte(n), byte(n>>8)
	return dst, nil
}

// OpenParam appends the name of a parameter; its value follows, then CloseParam with the length that dst has now. To leave
// the parameter out after all, cut dst back to that length.
func OpenParam(dst []byte, name string) []byte {
	dst = append(dst, byte(len(name)), byte(len(name)>>8))
	dst = append(dst, name...)
	return append(dst, 0, 0)
}

// OpenField is OpenParam for a request field: X-Real-IP becomes HTTP_X_REAL_IP. Which fields are passed on decides
// cgi.Fields.
func OpenField(dst, name []byte) []byte {
	n := len(cgi.FieldPrefix) + len(name)
	dst = append(dst, byte(n), byte(n>>8))
	dst = cgi.AppendFieldName(dst, name)
	return append(dst, 0, 0)
}

// CloseParam ends the parameter that was opened when dst had the length at: it writes the length of the value. Names and
// values that do not fit are told by Close.
func CloseParam(dst []byte, at int) []byte {
	at += 2 + int(dst[at]) + int(dst[at+1])<<8
	n := len(dst) - at - 2
	dst[at], dst[at+1] = byte(n), byte(n>>8)
	return dst
}

// AppendParam appends a whole parameter.
func AppendParam(dst []byte, name, value string) []byte {
	dst = append(dst, byte(len(name)), byte(len(name)>>8))
	dst = append(dst, name...)
	dst = append(dst, byte(len(value)), byte(len(value)>>8))
	return append(dst, value...)
}
