package script

// Hot: variables of time; no map, no defer. The two that spell a date are made once a second.

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// stamp is the current second in the forms of logs.
type stamp struct {
	unix       int64
	local, iso string
}

var lastStamp atomic.Pointer[stamp]

// now returns the stamp of the second that the server has, in the time zone of the machine.
func now(c *pipeline.Ctx) *stamp {
	unix, _ := c.Transport().Date()
	s := lastStamp.Load()
	if s == nil || s.unix != unix {
		t := time.Unix(unix, 0)
		s = &stamp{unix, t.Format("02/Jan/2006:15:04:05 -0700"), t.Format("2006-01-02T15:04:05-07:00")}
		lastStamp.Store(s)
	}
	return s
}

func appendTimeLocal(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return append(dst, now(c).local...), true
}

func appendISO8601(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return append(dst, now(c).iso...), true
}

// appendDateGMT and appendDateLocal append the time in the form that SSI has by default.
func appendDateGMT(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	unix, _ := c.Transport().Date()
	return time.Unix(unix, 0).UTC().AppendFormat(dst, "Monday, 02-Jan-2006 15:04:05 GMT"), true
}

func appendDateLocal(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	unix, _ := c.Transport().Date()
	return time.Unix(unix, 0).AppendFormat(dst, "Monday, 02-Jan-2006 15:04:05 MST"), true
}

// appendMsec appends the time in seconds with milliseconds.
func appendMsec(_ *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return appendMilliseconds(dst, time.Now().UnixMilli()), true
}

func appendRequestTime(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return appendSince(dst, EnvOf(c).Began()), true
}

func appendConnectionTime(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return appendSince(dst, EnvOf(c).Connection().Began), true
}

// appendSince appends how long ago t was in seconds with milliseconds; the zero time was now.
func appendSince(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(dst, "0.000"...)
	}
	return appendMilliseconds(dst, max(0, time.Since(t).Milliseconds()))
}

func appendMilliseconds(dst []byte, ms int64) []byte {
	dst = strconv.AppendInt(dst, ms/1000, 10)
	return appendPadded(append(dst, '.'), ms%1000, 3)
}

// appendRequestID appends $request_id in hex.
func appendRequestID(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	id := c.RequestID()
	return hex.AppendEncode(dst, id[:]), true
}

// appendBase64 appends what b encodes; padding may be missing.
func appendBase64(dst, b []byte) ([]byte, bool) {
	for len(b) > 0 && b[len(b)-1] == '=' {
		b = b[:len(b)-1]
	}
	out, err := base64.RawStdEncoding.AppendDecode(dst, b)
	if err != nil {
		return dst, false
	}
	return out, true
}
