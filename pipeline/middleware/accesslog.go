package middleware

// Hot: runs for every request; no allocation, no map, no defer. Attributes for slog are allocated.

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// AccessLog notes every request when its response has been sent: as a line in NGINX's combined format, or as attributes of
// a slog record. Use it as the outermost middleware, so that its time is that of the whole request. The address is
// [ClientIP]'s, the user [BasicAuthUser]'s, wherever those middleware are.
//
// What the server refuses before the application sees it (a broken head, say) is not in this log; server.Config.AccessLog
// has that too.
type AccessLog struct {
	// Writer gets lines. A *LogBuffer is used as it is, anything else gets one in front.
	Writer io.Writer
	// Logger gets attributes: method, target, status, bytes, duration, client, and where they exist user, request_id,
	// referer, user_agent and error. It is called on reactors as well, so its handler should write to a LogBuffer.
	Logger *slog.Logger
	// RequestTime appends the duration to a line, in seconds with three decimals (NGINX $request_time).
	RequestTime bool
	// Skip, when set, leaves out the requests it returns true for (NGINX access_log if=). It is called after the response.
	Skip func(c *pipeline.Ctx) bool

	buf *LogBuffer
}

const flushEvery = 100 * time.Millisecond

// Load checks that there is somewhere to write to.
func (l *AccessLog) Load(*pipeline.App) error {
	if l.Writer == nil && l.Logger == nil {
		return errors.New("middleware: AccessLog has neither Writer nor Logger")
	}
	if b, ok := l.Writer.(*LogBuffer); ok {
		l.buf = b
	} else if l.buf == nil && l.Writer != nil {
		l.buf = NewLogBuffer(l.Writer, flushEvery)
	}
	return nil
}

// ProcessRequest begins to measure the time.
func (l *AccessLog) ProcessRequest(c *pipeline.Ctx) error {
	n := notesOf(c)
	n.start()
	for _, other := range n.logs {
		if other == l {
			return nil
		}
	}
	n.logs = append(n.logs, l)
	return nil
}

// Flush writes the lines that are still in memory and returns the first error of the Writer since the last Flush. Call it
// when the server has been shut down.
func (l *AccessLog) Flush() error {
	if l.buf == nil {
		return nil
	}
	return l.buf.Flush()
}

// log notes a request that is over.
func (l *AccessLog) log(n *notes) {
	if l.Skip != nil && l.Skip(n.c) {
		return
	}
	now := time.Now()
	if l.buf != nil {
		b := appendCombined(n.line[:0], n, now)
		if l.RequestTime {
			b = append(b, ' ')
			b = appendSeconds(b, now.Sub(n.began))
		}
		n.line = append(b, '\n')
		_, _ = l.buf.Write(n.line)
	}
	if l.Logger != nil {
		l.attributes(n, now)
	}
}

// appendCombined appends a line in NGINX's combined format, without its end.
func appendCombined(b []byte, n *notes, now time.Time) []byte {
	c := n.c
	if ip := ClientIP(c); ip.IsValid() {
		b = ip.AppendTo(b)
	} else {
		b = append(b, "unix:"...)
	}
	b = append(b, " - "...)
	b = AppendEscaped(b, n.user)
	b = now.AppendFormat(b, " [02/Jan/2006:15:04:05 -0700] \"")
	b = AppendEscaped(b, requestLine(c))
	b = append(b, "\" "...)
	b = strconv.AppendInt(b, int64(loggedStatus(c)), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, sentBytes(c), 10)
	b = append(b, " \""...)
	b = AppendEscaped(b, c.HeaderBytes(http1.Referer))
	b = append(b, "\" \""...)
	b = AppendEscaped(b, c.HeaderBytes(http1.UserAgent))
	return append(b, '"')
}

// requestLine returns the first line of the request as it was sent.
func requestLine(c *pipeline.Ctx) []byte {
	line := c.HeadBytes()[c.Head.MethodSpan.Start:]
	for i, ch := range line {
		if ch == '\r' || ch == '\n' {
			return line[:i]
		}
	}
	return line
}

// loggedStatus is the status of the response, 444 for a request that was aborted without one (as in NGINX).
func loggedStatus(c *pipeline.Ctx) int {
	if status := c.Res().Status; status != 0 {
		return status
	}
	return 444
}

// sentBytes is the length of the response body as far as it was sent, when the transport counts it.
func sentBytes(c *pipeline.Ctx) int64 {
	if t, ok := c.Transport().(interface{ Sent() int64 }); ok {
		return t.Sent()
	}
	if c.Head.Method == http1.MethodHead {
		return 0
	}
	return max(c.Res().Length(), 0)
}

// appendSeconds appends d as seconds with three decimals.
func appendSeconds(b []byte, d time.Duration) []byte {
	ms := max(d.Milliseconds(), 0)
	b = strconv.AppendInt(b, ms/1000, 10)
	return append(b, '.', byte('0'+ms/100%10), byte('0'+ms/10%10), byte('0'+ms%10))
}

// AppendEscaped appends p as NGINX's logs have it: quotes, backslashes and everything but printable ASCII as \xHH, so that
// no value can end its quotes or its line, or move the cursor of a terminal. Nothing at all becomes "-".
func AppendEscaped(b, p []byte) []byte {
	const hex = "0123456789ABCDEF"
	if len(p) == 0 {
		return append(b, '-')
	}
	for _, c := range p {
		if c >= ' ' && c < 0x7f && c != '\\' && c != '"' {
			b = append(b, c)
			continue
		}
		b = append(b, '\\', 'x', hex[c>>4], hex[c&15])
	}
	return b
}

// attributes hands a record to the Logger. Its strings are copies: a handler may keep them.
func (l *AccessLog) attributes(n *notes, now time.Time) {
	ctx := context.Background()
	if !l.Logger.Enabled(ctx, slog.LevelInfo) {
		return
	}
	c := n.c
	attrs := make([]slog.Attr, 0, 11)
	attrs = append(attrs,
		slog.String("method", c.Method()),
		slog.String("target", c.Target()),
		slog.Int("status", loggedStatus(c)),
		slog.Int64("bytes", sentBytes(c)),
		slog.Duration("duration", now.Sub(n.began)),
		slog.String("client", ClientIP(c).String()))
	for _, a := range [...]struct {
		name  string
		value []byte
	}{
		{"user", n.user},
		{"request_id", n.id},
		{"referer", c.HeaderBytes(http1.Referer)},
		{"user_agent", c.HeaderBytes(http1.UserAgent)},
	} {
		if len(a.value) > 0 {
			attrs = append(attrs, slog.String(a.name, string(a.value)))
		}
	}
	if err := c.Err(); err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	l.Logger.LogAttrs(ctx, slog.LevelInfo, "request", attrs...)
}
