package server

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// countPanics is a Log that counts what it is told of panics.
type countPanics struct {
	slog.Handler
	n *atomic.Int32
}

func (countPanics) Enabled(context.Context, slog.Level) bool { return true }
func (p countPanics) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "panic") {
		p.n.Add(1)
	}
	return nil
}

// Whatever of a head can be told of is told, and nothing panics, wherever the head breaks.
func TestAccessLogOfBrokenHeads(t *testing.T) {
	var panics atomic.Int32
	var told atomic.Int32
	_, addr := start(t, testApp(), func(c *Config) {
		c.AccessLog = func(e *Entry) {
			told.Add(1)
			_ = fmt.Sprint(string(e.Method), string(e.Target), e.Ctx.Path(), e.Ctx.Host(), e.Ctx.Header("host"), e.Ctx.Query("a"), e.Ctx.Cookie("b"), e.Ctx.Method(), e.Ctx.Target())
		}
		c.HeaderTimeout, c.KeepAlive = 100*time.Millisecond, 100*time.Millisecond
		c.Log = slog.New(countPanics{slog.DiscardHandler, &panics})
	})
	const whole = "GET /inline?a=b HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: b=c\r\n\r\n"
	n := int32(0)
	for i := range whole {
		for _, bad := range []string{"\x00", " ", "\r", "\xff", "\n"} {
			out := exchangeRaw(t, addr, whole[:i]+bad+whole[i+1:]+"\r\n\r\n")
			if panics.Load() > n {
				n = panics.Load()
				t.Errorf("%q panics: %.100q", whole[:i]+bad, out)
			}
		}
	}
	if told.Load() < 100 {
		t.Errorf("told of %d", told.Load())
	}
}
