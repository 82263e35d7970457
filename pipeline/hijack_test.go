package pipeline_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// What a Transport cannot do is an error that says so.
func TestUnsupported(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/")
	_, _, err := c.Hijack()
	for i, err := range []error{err, c.EnableFullDuplex(), c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{})} {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if c.Answered() {
		t.Error("a hijack that failed counts as an answer")
	}
}

// toWriter is a BodyWriter that notes what it gets.
type toWriter struct{ got string }

func (w *toWriter) WriteBody(_ *pipeline.Ctx, p []byte) error { w.got += string(p); return nil }
func (w *toWriter) FlushBody(*pipeline.Ctx) error             { w.got += "|"; return nil }

// A response can be taken from a Ctx, which is then unanswered, and its stream sent elsewhere.
func TestTakeResponse(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/")
	_ = c.SetHeader("X-A", "1")
	_ = c.Stream(200, "text/plain", -1, func(s *pipeline.Stream) error {
		_, _ = io.WriteString(s, "body")
		return s.Flush()
	})
	res, err := c.TakeResponse()
	if err != nil || c.Answered() || len(c.Res().Fields()) != 0 || res.Status != 200 || len(res.Fields()) != 1 {
		t.Fatalf("%v %v %v", err, c.Res(), res.Fields())
	}
	_ = c.Text(404, "another")
	var to toWriter
	if err := res.Stream()(c.StreamTo(&to)); err != nil || to.got != "body|" || c.Res().Status != 404 {
		t.Errorf("%v %q", err, to.got)
	}
	res.Release()
	if _, err := c.TakeResponse(); err != nil {
		t.Fatal(err)
	}
	_ = c.Render(200, failing{})
	if _, err := c.TakeResponse(); err == nil {
		t.Error("a response that cannot be rendered was taken")
	}
}

type failing struct{}

func (failing) Render(*pipeline.Ctx) error { return errors.New("no") }

func TestSwapContext(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/")
	ctx, cancel := context.WithCancel(c.Context())
	was := c.SwapContext(ctx)
	cancel()
	if c.Context().Err() == nil || was.Err() != nil {
		t.Errorf("%v %v", c.Context().Err(), was.Err())
	}
	c.SwapContext(was)
	if c.Context().Err() != nil {
		t.Error("not put back")
	}
}
