package views

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func TestEventsOnTheWire(t *testing.T) {
	for _, c := range []struct {
		event Event
		want  string
	}{
		{Event{Data: "a"}, "data: a\n\n"},
		{Event{Data: "a\nb\r\nc\rd"}, "data: a\ndata: b\ndata: c\ndata: d\n\n"},
		{Event{Data: "a\n"}, "data: a\ndata: \n\n"},
		{Event{Data: " a"}, "data:  a\n\n"},
		{Event{ID: "7", Name: "tick", Data: "x", Retry: 1500 * time.Millisecond}, "id: 7\nevent: tick\nretry: 1500\ndata: x\n\n"},
		{Event{Name: "ping"}, "event: ping\ndata: \n\n"},
		{Event{ID: "7"}, "id: 7\n\n"},
		{Event{Retry: time.Second}, "retry: 1000\n\n"},
	} {
		app := pipeline.New()
		app.Path("e", func(ctx *pipeline.Ctx) error {
			return SSE(ctx, func(e *EventStream) error { return e.Send(c.event) })
		})
		pipelinetest.NewClient(t, app).Get("/e").AssertBody(c.want).AssertHeader("Content-Type", "text/event-stream").
			AssertHeader("Cache-Control", "no-cache").AssertHeader("X-Accel-Buffering", "no")
	}
}

func TestEventsRefuseInjection(t *testing.T) {
	for _, ev := range []Event{{ID: "a\nb"}, {ID: "a\x00"}, {Name: "a\rb"}, {Name: "a\ndata: b"}} {
		app := pipeline.New()
		app.Path("e", func(ctx *pipeline.Ctx) error {
			return SSE(ctx, func(e *EventStream) error { return e.Send(ev) })
		})
		if res := pipelinetest.NewClient(t, app).Get("/e"); len(res.Body) != 0 || !errors.Is(res.BodyErr, errEvent) {
			t.Errorf("%+v: %q %v", ev, res.Body, res.BodyErr)
		}
	}
}

func TestEventsComeBack(t *testing.T) {
	app := pipeline.New()
	app.Path("e", func(ctx *pipeline.Ctx) error {
		return SSE(ctx, func(e *EventStream) error {
			return errors.Join(e.Comment("after "+e.LastEventID()+"\nagain"), e.Send(Event{Data: "x"}))
		})
	})
	pipelinetest.NewClient(t, app).Get("/e", pipelinetest.Header("Last-Event-ID", "41")).
		AssertBody(": after 41\n: again\n\ndata: x\n\n")
}

// Serve sends what comes, a heartbeat when nothing does, and ends with the channel or with the client.
func TestEventsAreServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := make(chan Event)
		app := pipeline.New()
		app.Path("e", func(ctx *pipeline.Ctx) error {
			return SSE(ctx, func(e *EventStream) error { return e.Serve(events, 10*time.Second) })
		})
		client := pipelinetest.NewClient(t, app)
		read := func(s *pipelinetest.Streaming) string {
			t.Helper()
			var b strings.Builder
			for {
				line, err := s.Lines.ReadString('\n')
				if err != nil {
					t.Fatal(err)
				}
				if b.WriteString(line); line == "\n" {
					return b.String()
				}
			}
		}
		s := client.Stream("GET", "/e")
		began := time.Now()
		go func() {
			events <- Event{Data: "1"}
			time.Sleep(9 * time.Second)
			events <- Event{Data: "2"}
		}()
		for _, want := range []struct {
			text string
			at   time.Duration
		}{{"data: 1\n\n", 0}, {"data: 2\n\n", 9 * time.Second}, {": \n\n", 19 * time.Second}, {": \n\n", 29 * time.Second}} {
			if got := read(s); got != want.text || time.Since(began) != want.at {
				t.Errorf("%q after %v, want %q after %v", got, time.Since(began), want.text, want.at)
			}
		}
		if err := s.Close(); !errors.Is(err, pipeline.ErrClientGone) {
			t.Errorf("the client left: %v", err)
		}
		s = client.Stream("GET", "/e")
		close(events)
		if _, err := s.Lines.ReadByte(); err != io.EOF {
			t.Errorf("the channel was closed: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("the channel was closed: %v", err)
		}
	})
}
