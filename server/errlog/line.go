package errlog

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// MaxLine bounds a line in bytes, its end included (NGINX: NGX_MAX_ERROR_STR, 2048).
const MaxLine = 2048

const stamp = "2006/01/02 15:04:05"

var pid = strconv.Itoa(os.Getpid())

// appendLine appends one line of the log. Conn is the number of a connection, 0 for none.
func appendLine(dst []byte, now time.Time, level Level, conn uint64, text string) []byte {
	start := len(dst)
	dst = now.AppendFormat(dst, stamp)
	dst = append(dst, " ["...)
	dst = append(dst, level.String()...)
	dst = append(dst, "] "...)
	dst = append(dst, pid...)
	dst = append(dst, '#')
	dst = append(dst, pid...)
	dst = append(dst, ": "...)
	if conn != 0 {
		dst = append(dst, '*')
		dst = strconv.AppendUint(dst, conn, 10)
		dst = append(dst, ' ')
	}
	dst = appendPlain(dst, text)
	if len(dst)-start > MaxLine-1 {
		dst = dst[:start+MaxLine-1]
	}
	return append(dst, '\n')
}

// appendPlain appends text with its control characters escaped: what a client sends must not forge a line, nor steer the
// terminal of whoever reads the log.
func appendPlain(dst []byte, text string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' || c == 0x7f:
			dst = append(dst, '\\', 'x', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// Errno writes an error of the operating system as NGINX does: "(98: Address already in use)". Another error is its own
// text in parentheses.
func Errno(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return "(" + err.Error() + ")"
	}
	text := errno.Error()
	return fmt.Sprintf("(%d: %s)", int(errno), strings.ToUpper(text[:1])+text[1:])
}
