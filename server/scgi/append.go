// Hot: runs for every request to an SCGI server; no allocation, no map, no defer.

package scgi

import (
	"bytes"
	"strconv"

	"github.com/wheelpit/wheelpit/server/cgi"
)

// lengthRoom is how many digits of the netstring's length are foreseen: a request of 100 to 999 bytes need not be moved.
const lengthRoom = 3

// Open begins a request: room for the netstring's length and CONTENT_LENGTH, which is that of the content that follows the
// request in bytes, 0 for none. Parameters follow, then Close.
func Open(dst []byte, contentLength int64) []byte {
	dst = append(dst, "000:CONTENT_LENGTH\x00"...)
	dst = strconv.AppendInt(dst, max(contentLength, 0), 10)
	return append(dst, 0)
}

// Close ends the netstring of the request that was opened when dst had the length at.
func Close(dst []byte, at int) []byte {
	n := len(dst) - at - lengthRoom - 1
	size := 1
	for rest := n; rest > 9; rest /= 10 {
		size++
	}
	dst = append(dst, ',')
	if size != lengthRoom {
		dst = move(dst, at+lengthRoom, size-lengthRoom)
	}
	strconv.AppendInt(dst[:at], int64(n), 10)
	return dst
}

// move shifts what is in dst from at on by n bytes, up or down.
func move(dst []byte, at, n int) []byte {
	if n < 0 {
		return append(dst[:at+n], dst[at:]...)
	}
	end := len(dst)
	for range n {
		dst = append(dst, 0)
	}
	copy(dst[at+n:], dst[at:end])
	return dst
}

// OpenParam appends the name of a parameter, which holds no NUL; its value follows, then CloseParam with the length that dst
// has now. To leave the parameter out after all, cut dst back to that length.
func OpenParam(dst []byte, name string) []byte {
	dst = append(dst, name...)
	return append(dst, 0)
}

// OpenField is OpenParam for a request field: X-Real-IP becomes HTTP_X_REAL_IP. Which fields are passed on decides
// cgi.Fields.
func OpenField(dst, name []byte) []byte {
	return append(cgi.AppendFieldName(dst, name), 0)
}

// CloseParam ends the parameter that was opened when dst had the length at. The value ends before its first NUL.
func CloseParam(dst []byte, at int) []byte {
	value := at + bytes.IndexByte(dst[at:], 0) + 1
	if i := bytes.IndexByte(dst[value:], 0); i >= 0 {
		return dst[:value+i+1]
	}
	return append(dst, 0)
}

// AppendParam appends a whole parameter. Neither part holds NUL.
func AppendParam(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	dst = append(dst, 0)
	dst = append(dst, value...)
	return append(dst, 0)
}
