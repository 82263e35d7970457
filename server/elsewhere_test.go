package server

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// askAll asks a carrier for all there is, in any order, and says what breaks. The rate is one at which nothing waits.
func askAll(c *pipeline.Ctx) (broken []string) {
	x := c.Transport().(*exchange)
	one := make([]byte, 1)
	for name, f := range map[string]func(){
		"Remote": func() { x.Remote() }, "Local": func() { x.Local() }, "Secure": func() { x.Secure() },
		"OnGone": func() { x.OnGone(c, func() {}) }, "BaseContext": func() { x.BaseContext() }, "Draining": func() { x.Draining() },
		"ReadBody": func() { _, _ = x.ReadBody(c, one) }, "WriteBody": func() { _ = x.WriteBody(c, one) },
		"FlushBody": func() { _ = x.FlushBody(c) }, "Interim": func() { _ = x.Interim(c, 103) }, "Plain": func() { x.Plain() },
		"Shard": func() { x.Shard() }, "Ticks": func() { x.Ticks() }, "Date": func() { x.Date() }, "Hijack": func() { _, _, _ = x.Hijack(c) },
		"EnableFullDuplex": func() { _ = x.EnableFullDuplex(c) }, "AppendHead": func() { x.AppendHead(nil, c) },
		"SetReadDeadline":  func() { _ = x.SetReadDeadline(c, time.Now()) },
		"SetWriteDeadline": func() { _ = x.SetWriteDeadline(c, time.Now()) },
		"Place":            func() { x.Place() }, "Treat": func() { x.Treat(x.policy) }, "Slot": func() { x.Slot() }, "KeepAlive": func() { x.KeepAlive() },
		"Requests": func() { x.Requests() }, "Sent": func() { x.Sent() }, "SentHead": func() { x.SentHead() }, "Left": func() { x.Left() },
		"Unread": func() { x.Unread() }, "Announced": func() { x.Announced() }, "EndAfter": func() { x.EndAfter(nil) },
		"Began": func() { x.Began() }, "Connected": func() { x.Connected() }, "Number": func() { x.Number() }, "Pipelined": func() { x.Pipelined() },
		"Stats": func() { x.Stats() }, "Preface": func() { x.Preface() }, "States": func() { x.States() }, "Load": func() { x.Load() },
		"TCPInfo": func() { x.TCPInfo() }, "Continue": func() { x.Continue() }, "Pace": func() { x.Pace(1<<30, 1<<30) },
		"Reactor": func() { x.Reactor() }, "Switch": func() { x.Switch(nil) }, "ReadAside": func() { _ = x.ReadAside(func() {}) },
		"Lost": func() { x.Lost() }, "Preread": func() { x.Preread() },
	} {
		func() {
			defer func() {
				if v := recover(); v != nil {
					broken = append(broken, fmt.Sprint(name, ": ", v))
				}
			}()
			f()
		}()
	}
	return broken
}

// A function of OnClose may ask for whatever there is, wherever it is called: here, and when the connection has gone elsewhere.
func TestOnCloseMayAskForAll(t *testing.T) {
	told := make(chan []string, 1)
	app := pipeline.New()
	answer := func(size int) pipeline.Handler {
		return func(c *pipeline.Ctx) error {
			c.OnClose(func() { told <- askAll(c) })
			return c.Bytes(200, "text/plain", make([]byte, size))
		}
	}
	app.Handle("POST /small/worker", answer(10))
	app.Handle("POST /small/inline", answer(10), pipeline.Inline)
	app.Handle("POST /large/worker", answer(16<<20))
	app.Handle("POST /large/inline", answer(16<<20), pipeline.Inline)
	_, addr := start(t, app)
	for _, path := range []string{"/small/worker", "/small/inline", "/large/worker", "/large/inline"} {
		conn := dial(t, addr)
		_, _ = io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc")
		if _, err := io.ReadFull(conn, make([]byte, 20)); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(path, "/large") {
			_ = conn.Close() // with most of the response on its way, which the reactor learns
		}
		select {
		case broken := <-told:
			if len(broken) > 0 {
				t.Errorf("%s: %q", path, broken)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: the end was not told", path)
		}
	}
}
