package pipeline

import (
	"log/slog"
	"testing"
)

// A panic on a worker says nothing about the handler that the reactor is in meanwhile.
func TestPanicOnAWorkerLeavesTheWatchAlone(t *testing.T) {
	app := New()
	app.Logger = slog.New(slog.DiscardHandler)
	slow := app.Get("/slow", func(*Ctx) error { return nil }, Inline)
	app.Get("/panic", func(*Ctx) error { panic("on purpose") })
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	var w Watch
	w.enter(slow)
	c := request(t, "GET /panic")
	c.SetWatch(&w)
	chain.Run(c)
	if r, _ := w.Look(); r != slow {
		t.Errorf("the reactor is said to be in %v", r)
	}
}
