package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// The loggers of Django, as the attribute "logger" of a record.
const (
	requestLogger  = "request"
	securityLogger = "security."
	serverLogger   = "server" // of errors that no error handler could answer
)

// logResponse notes a response with an error status, once (rule H26).
func (ch *Chain) logResponse(c *Ctx) {
	if c.res.logged || !ch.logs(levelOf(c.res.Status)) {
		return
	}
	reason := http1.StatusText(c.res.Status)
	if reason == "" {
		reason = "Unknown Status Code"
	}
	ch.log(c, levelOf(c.res.Status), requestLogger, reason+": "+escapeLog(c.path), c.err)
}

// logs tells whether records of that level are wanted. Asking it first saves making them.
func (ch *Chain) logs(level slog.Level) bool {
	if ch.logger == nil && level < slog.LevelError && !ch.debug {
		return false
	}
	return ch.sink().Enabled(context.Background(), level)
}

func (ch *Chain) sink() *slog.Logger {
	if ch.logger == nil {
		return slog.Default()
	}
	return ch.logger
}

// levelOf is the level of a record by the status of the response.
func levelOf(status int) slog.Level {
	switch {
	case status >= 500:
		return slog.LevelError
	case status >= 400:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// log writes a record about c, whose response then is noted. A panic of the logger, or of an error that is asked for its
// text, costs the record and not the response.
func (ch *Chain) log(c *Ctx, level slog.Level, logger, message string, err error) {
	c.res.logged = true
	defer func() { _ = recover() }()
	if !ch.logs(level) {
		return
	}
	attrs := []slog.Attr{slog.String("logger", logger), slog.String("method", c.Method()), slog.Int("status", c.res.Status)}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
		if stack := FormatStack(StackOf(err)); stack != "" && level >= slog.LevelError {
			attrs = append(attrs, slog.String("stack", stack))
		}
	}
	ch.sink().LogAttrs(context.Background(), level, message, attrs...)
}

// logNotUsed notes, for developers, that a middleware removed itself (rule H2).
func (a *App) logNotUsed(name string, err error) {
	if !a.Debug || a.Logger == nil {
		return
	}
	message := fmt.Sprintf("MiddlewareNotUsed: '%s'", name)
	if reason := notUsedReason(err); reason != "" {
		message = fmt.Sprintf("MiddlewareNotUsed('%s'): %s", name, reason)
	}
	a.Logger.Debug(message, "logger", requestLogger)
}

// escapeLog writes what is not printable ASCII as an escape sequence, so that nobody can write lines into a log (Python:
// unicode_escape).
func escapeLog(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '\\' }) < 0 {
		return strings.Clone(s)
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r >= ' ' && r <= '~':
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}
