package proxy

import (
	"strconv"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// The variables of NGINX's upstream module. They are found when the request was passed on, and have a value for each try: tries
// of one group are separated by ", ", those before and after an internal redirect by " : ".

// eachState appends f of every try.
func eachState(c *pipeline.Ctx, dst []byte, f func(dst []byte, s *state) []byte) ([]byte, bool) {
	x := callOf(c)
	if x == nil || len(x.states) == 0 && x.older == nil {
		return dst, false
	}
	return x.appendStates(dst, f), true
}

func (x *call) appendStates(dst []byte, f func(dst []byte, s *state) []byte) []byte {
	if x.older != nil {
		at := len(dst)
		if dst = x.older.appendStates(dst, f); len(dst) > at && len(x.states) > 0 {
			dst = append(dst, " : "...)
		}
	}
	for i := range x.states {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = f(dst, &x.states[i])
	}
	return dst
}

// AppendAddr appends the addresses of the peers that were asked: $upstream_addr.
func AppendAddr(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return eachState(c, dst, func(dst []byte, s *state) []byte { return append(dst, s.peer...) })
}

// AppendStatus appends their statuses, "-" for none: $upstream_status.
func AppendStatus(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return eachState(c, dst, func(dst []byte, s *state) []byte {
		if s.status == 0 {
			return append(dst, '-')
		}
		return strconv.AppendInt(dst, int64(s.status), 10)
	})
}

// AppendConnectTime, AppendHeaderTime and AppendResponseTime append how long it took to connect, to the head, and to the end, in
// seconds with milliseconds: $upstream_connect_time, $upstream_header_time, $upstream_response_time.
func AppendConnectTime(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return eachState(c, dst, func(dst []byte, s *state) []byte { return appendSeconds(dst, s.connect) })
}

// AppendHeaderTime is for $upstream_header_time.
func AppendHeaderTime(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return eachState(c, dst, func(dst []byte, s *state) []byte { return appendSeconds(dst, s.header) })
}

// AppendResponseTime is for $upstream_response_time.
func AppendResponseTime(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	x, early := callOf(c), headUnsent(c)
	return eachState(c, dst, func(dst []byte, s *state) []byte {
		if early && s == x.state() { // in the fields of the response the time is not known yet, however short the body
			return append(dst, '-')
		}
		if s.time < 0 && s == x.state() && !x.done.Load() { // of a client that left: the log does not wait for the end
			return appendSeconds(dst, time.Since(s.began))
		}
		return appendSeconds(dst, s.time)
	})
}

func appendSeconds(dst []byte, d time.Duration) []byte {
	if d < 0 {
		return append(dst, '-')
	}
	ms := d.Milliseconds()
	dst = strconv.AppendInt(dst, ms/1000, 10)
	return append(dst, '.', byte('0'+ms/100%10), byte('0'+ms/10%10), byte('0'+ms%10))
}

// AppendLength, AppendReceived and AppendSent append bytes of the bodies, received from and sent to the peers:
// $upstream_response_length, $upstream_bytes_received, $upstream_bytes_sent.
func AppendLength(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	x, early := callOf(c), headUnsent(c)
	return eachState(c, dst, func(dst []byte, s *state) []byte {
		if early && s == x.state() {
			return append(dst, '0')
		}
		return strconv.AppendInt(dst, s.length.Load(), 10)
	})
}

// headUnsent tells that there is an answer whose head is still to be made for the client: as in NGINX, nothing of its body has been
// read then.
func headUnsent(c *pipeline.Ctx) bool {
	x := callOf(c)
	t, ok := c.Transport().(interface{ SentHead() int64 })
	return ok && x != nil && x.settled && t.SentHead() == 0
}

// AppendReceived is for $upstream_bytes_received.
func AppendReceived(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return eachState(c, dst, func(dst []byte, s *state) []byte { return strconv.AppendInt(dst, s.received.Load(), 10) })
}

// AppendSent is for $upstream_bytes_sent.
func AppendSent(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return eachState(c, dst, func(dst []byte, s *state) []byte { return strconv.AppendInt(dst, s.sent.Load(), 10) })
}

// HeaderVariable returns the getter of $upstream_http_NAME; name is in lower case with "_" for "-". Fields of several lines are
// joined by ", ".
func HeaderVariable(name string) func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	field := strings.ReplaceAll(name, "_", "-")
	return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
		x := callOf(c)
		if x == nil || x.msg == nil {
			return dst, false
		}
		found := false
		for i := range x.msg.Fields {
			f := &x.msg.Fields[i]
			if n := f.Name.Of(x.msgRaw); len(n) != len(field) || !equalFold(n, field) {
				continue
			}
			if found {
				dst = append(dst, ", "...)
			}
			dst, found = append(dst, f.Value.Of(x.msgRaw)...), true
		}
		return dst, found
	}
}

// CookieVariable returns the getter of $upstream_cookie_NAME: the value of the cookie that the upstream sets.
func CookieVariable(name string) func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
		x := callOf(c)
		if x == nil || x.msg == nil {
			return dst, false
		}
		for i := range x.msg.Fields {
			f := &x.msg.Fields[i]
			if f.ID != http1.SetCookie {
				continue
			}
			if v, ok := cookieValue(view(f.Value.Of(x.msgRaw)), name); ok {
				return append(dst, v...), true
			}
		}
		return dst, false
	}
}

// cookieValue is the value of a Set-Cookie line when the cookie has that name. As in NGINX, spaces around "=" do not count.
func cookieValue(line, name string) (string, bool) {
	if len(line) <= len(name) || !strings.EqualFold(line[:len(name)], name) {
		return "", false
	}
	v, ok := strings.CutPrefix(strings.TrimLeft(line[len(name):], " "), "=")
	if !ok {
		return "", false
	}
	v, _, _ = strings.Cut(strings.TrimLeft(v, " "), ";")
	return v, true
}
