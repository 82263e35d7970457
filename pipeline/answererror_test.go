package pipeline

import (
	"errors"
	"testing"
)

func TestAnswerError(t *testing.T) {
	teapot := &Error{Status: 418, Message: "short and stout"}
	broken := errors.New("broken")
	var log []string
	app := New()
	app.Use(&traced{"A", &log, nil})
	app.Get("/plain", func(c *Ctx) error { return c.AnswerError(ErrPermissionDenied) })
	app.Get("/own", func(c *Ctx) error { return c.AnswerError(teapot) })
	app.Get("/broken", func(c *Ctx) error { return c.AnswerError(ErrNotFound) })
	app.ErrorHandler(418, func(c *Ctx) error { return c.Text(418, c.Err().Error()) })
	app.ErrorHandler(404, func(*Ctx) error { return broken })
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line, body string
		status     int
	}{
		{"GET /plain", string(ErrorPage(403)), 403},
		{"GET /own", "short and stout", 418},
		{"GET /broken", string(ErrorPage(500)), 500},
	} {
		ctx := request(t, c.line)
		chain.Run(ctx)
		if got := string(ctx.Res().Parts()[0].Bytes); got != c.body || ctx.Res().Status != c.status {
			t.Errorf("%s: %d %q", c.line, ctx.Res().Status, got)
		}
	}
	for _, hook := range log {
		if hook == "A.exception" {
			t.Error("an Exception hook saw an answer")
		}
	}
	alone := request(t, "GET /")
	if err := alone.AnswerError(ErrNotFound); err != nil || alone.Res().Status != 404 {
		t.Errorf("without an application: %d, %v", alone.Res().Status, err)
	}
}
