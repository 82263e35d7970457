package pipeline

import (
	"errors"
	"testing"
)

func TestFaultTellsUnfitHandlersFromOthers(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	wrapped := func(c *Ctx) error { return Unfit(first)(c) }
	for _, c := range []struct {
		name string
		h    Handler
		want error
	}{
		{"unfit", Unfit(first), first},
		{"another", Unfit(second), second},
		{"nil", nil, nil},
		{"a handler", func(*Ctx) error { return first }, nil},
		{"one that wraps it", wrapped, nil},
	} {
		if got := c.h.Fault(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if err := Unfit(first)(NewCtx()); err != first {
		t.Errorf("as a handler it returned %v", err)
	}
}
