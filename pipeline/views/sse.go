package views

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Event is a server-sent event (WHATWG HTML, section 9.2).
type Event struct {
	// ID is what the client names as the last one when it comes back; it has no line end and no NUL.
	ID string
	// Name is the type of the event, "message" if it is empty; it has no line end.
	Name string
	// Data may have several lines; each kind of line end arrives as "\n". Without Name and Data nothing is dispatched in the
	// client: ID and Retry alone are noted there.
	Data string
	// Retry is how long the client waits before it comes back after the connection broke, in whole milliseconds; 0 leaves
	// that as it is.
	Retry time.Duration
}

// EventStream sends events to one client. It is used by the goroutine that SSE's function runs on, a worker, and no other.
type EventStream struct {
	stream *pipeline.Stream
	ctx    context.Context
	last   string
	buf    []byte
}

var errEvent = errors.New("views: ID and Name of an event must not contain a line end or NUL")

// SSE answers with a stream of server-sent events, which f sends after the Response hooks have run. The stream ends when f
// returns; the client then comes back, with a Last-Event-ID, unless it is told otherwise by a 204. An f with a loop of its
// own should return when Ctx.Draining is closed, as [EventStream.Serve] does. f occupies a worker all
// the time, so there can be at most as many streams as workers: server.Config.Workers.
func SSE(c *pipeline.Ctx, f func(*EventStream) error) error {
	last := c.Header("Last-Event-ID")
	err := c.Stream(200, "text/event-stream", -1, func(s *pipeline.Stream) error {
		if err := s.Flush(); err != nil { // the client knows at once that it is connected
			return err
		}
		return f(&EventStream{stream: s, ctx: s.Ctx().Context(), last: last})
	})
	return errors.Join(err,
		c.SetHeader("Cache-Control", "no-cache"),
		c.SetHeader("X-Accel-Buffering", "no")) // a proxy must not gather events (NGINX: proxy_buffering)
}

// LastEventID returns the ID of the last event that the client got before it lost the connection, or "".
func (e *EventStream) LastEventID() string { return e.last }

// Context ends when the client leaves.
func (e *EventStream) Context() context.Context { return e.ctx }

// Send sends an event at once. It waits while the client is slow, and returns pipeline.ErrClientGone when it has left.
func (e *EventStream) Send(ev Event) error {
	if strings.ContainsAny(ev.ID, "\r\n\x00") || strings.ContainsAny(ev.Name, "\r\n\x00") {
		return errEvent
	}
	b := e.buf[:0]
	if ev.ID != "" {
		b = append(append(append(b, "id: "...), ev.ID...), '\n')
	}
	if ev.Name != "" {
		b = append(append(append(b, "event: "...), ev.Name...), '\n')
	}
	if ms := ev.Retry.Milliseconds(); ms > 0 {
		b = append(strconv.AppendInt(append(b, "retry: "...), ms, 10), '\n')
	}
	if ev.Name != "" || ev.Data != "" {
		b = appendLines(b, "data: ", ev.Data)
	}
	return e.send(append(b, '\n'))
}

// Comment sends a comment, which clients ignore: it keeps the connection from looking idle.
func (e *EventStream) Comment(text string) error {
	return e.send(append(appendLines(e.buf[:0], ": ", text), '\n'))
}

// Serve sends what comes through events until the channel is closed or the server begins to shut down, which returns nil, or
// the client has left, which returns pipeline.ErrClientGone. Every heartbeat without an event it sends an empty comment, which tells proxies that the connection
// is alive, and this side that the client is; 0 sends none.
func (e *EventStream) Serve(events <-chan Event, heartbeat time.Duration) error {
	var beat <-chan time.Time
	rest := func() {}
	if heartbeat > 0 {
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()
		beat, rest = ticker.C, func() { ticker.Reset(heartbeat) }
	}
	draining := e.stream.Ctx().Draining()
	for {
		var err error
		select {
		case <-draining:
			return nil
		case ev, ok := <-events:
			if !ok {
				return nil
			}
			err = e.Send(ev)
			rest()
		case <-beat:
			err = e.Comment("")
		case <-e.ctx.Done():
			err = pipeline.ErrClientGone
		}
		if err != nil {
			return fmt.Errorf("views: events: %w", err)
		}
	}
}

// send writes b, which is kept for the next event.
func (e *EventStream) send(b []byte) error {
	e.buf = b
	if _, err := e.stream.Write(b); err != nil {
		return err
	}
	return e.stream.Flush()
}

// appendLines appends text line by line, each behind a prefix. CR LF, CR and LF end a line.
func appendLines(b []byte, prefix, text string) []byte {
	for {
		i := strings.IndexAny(text, "\r\n")
		if i < 0 {
			return append(append(append(b, prefix...), text...), '\n')
		}
		b = append(append(append(b, prefix...), text[:i]...), '\n')
		if strings.HasPrefix(text[i:], "\r\n") {
			i++
		}
		text = text[i+1:]
	}
}
