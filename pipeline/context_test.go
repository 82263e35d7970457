package pipeline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// The zero time is no deadline, before Context was called and after; a later deadline does not put the first one off.
func TestSetDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := request(t, "GET /")
		c.SetDeadline(time.Now())
		c.SetDeadline(time.Time{})
		ctx := c.Context()
		c.SetDeadline(time.Time{})
		if err := c.Context().Err(); err != nil {
			t.Errorf("without a deadline: %v", err)
		}
		c.SetDeadline(time.Now().Add(time.Second))
		c.SetDeadline(time.Now().Add(time.Hour))
		c.SetDeadline(time.Time{})
		time.Sleep(2 * time.Second)
		if err := c.Context().Err(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("behind the deadline: %v", err)
		}
		if ctx.Err() != nil {
			t.Error("a context that was handed out before has ended")
		}
		c.Reset()
		if !errors.Is(context.Cause(ctx), context.Canceled) {
			t.Errorf("behind the request: %v", context.Cause(ctx))
		}
	})
}
