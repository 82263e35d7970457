package middleware

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// slowHook waits in its Request hook for the deadline when the query says so.
type slowHook struct{}

func (slowHook) ProcessRequest(c *pipeline.Ctx) error {
	if c.Query("hook") == "" {
		return nil
	}
	<-c.Context().Done()
	return c.Context().Err()
}
func (slowHook) NeedsWorker() bool { return true }

// described sets a field that describes the response.
type described struct{}

func (described) ProcessResponse(c *pipeline.Ctx) error { return c.SetHeader("X-Inner", "1") }

// waiting is an application whose handlers wait for their deadline, or for a while, and then do as they are named.
func waiting(m *Timeout) *pipeline.App {
	app := quiet()
	app.Use(m, described{}, slowHook{})
	app.Get("/deadline", func(c *pipeline.Ctx) error {
		began := time.Now()
		<-c.Context().Done()
		return fmt.Errorf("after %v: %w", time.Since(began), c.Context().Err())
	})
	after := func(f func(*pipeline.Ctx) error) pipeline.Handler {
		return func(c *pipeline.Ctx) error { time.Sleep(3 * time.Second); return f(c) }
	}
	app.Get("/late/error", after(func(*pipeline.Ctx) error { return errors.New("late") }))
	app.Get("/late/404", after(func(*pipeline.Ctx) error { return pipeline.ErrNotFound }))
	app.Get("/late/panic", after(func(*pipeline.Ctx) error { panic("late") }))
	app.Get("/late/answer", after(func(c *pipeline.Ctx) error { return c.Text(200, "late") }))
	app.Get("/early/error", func(*pipeline.Ctx) error { return errors.New("early") })
	app.Get("/longer", after(func(c *pipeline.Ctx) error { return c.Context().Err() }), RouteTimeout(time.Minute))
	app.Get("/never", func(c *pipeline.Ctx) error {
		select {
		case <-c.Context().Done():
			return c.Context().Err()
		case <-time.After(time.Hour):
			return errors.New("after an hour")
		}
	}, RouteTimeout(0))
	app.ErrorHandler(503, func(c *pipeline.Ctx) error {
		return c.Text(503, fmt.Sprint(errors.Is(c.Err(), ErrTimedOut)))
	})
	return app
}

func TestTimeout(t *testing.T) {
	for _, c := range []struct {
		path, body, retry string
		status            int
		took              time.Duration
	}{
		{"/deadline", "true", "1", 503, 2 * time.Second},
		{"/late/error", "true", "1", 503, 3 * time.Second},
		{"/late/404", "true", "1", 503, 3 * time.Second},
		{"/late/panic", "", "", 500, 3 * time.Second},
		{"/late/answer", "late", "", 200, 3 * time.Second},
		{"/early/error", "", "", 500, 0},
		{"/longer", "", "", 500, 3 * time.Second}, // no answer and no error
		{"/never", "", "", 500, time.Hour},
		{"/deadline?hook=1", "true", "1", 503, 2 * time.Second},
		{"/none", "", "", 404, 0},
	} {
		t.Run(c.path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cl := client(t, waiting(&Timeout{After: 2 * time.Second}))
				cl.AllowErrors = true
				began := time.Now()
				res := cl.Get(c.path).AssertStatus(c.status).AssertHeader("Retry-After", c.retry)
				if c.body != "" {
					res.AssertBody(c.body)
				}
				if took := time.Since(began); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
			})
		})
	}
}

func TestTimeoutOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cl := client(t, waiting(&Timeout{After: time.Second, Status: 504, RetryAfter: -1}))
		res := cl.Get("/deadline").AssertStatus(504).AssertHeader("Retry-After", "")
		if !errors.Is(res.Err, ErrTimedOut) || !errors.Is(res.Err, context.DeadlineExceeded) {
			t.Errorf("%v", res.Err)
		}
		cl = client(t, waiting(&Timeout{After: time.Second, RetryAfter: 90*time.Second + 1}))
		cl.Get("/deadline").AssertHeader("Retry-After", "91")
	})
	compileError(t, "status 503 after 0s", &Timeout{})
	compileError(t, "status 200", &Timeout{After: 1, Status: 200})
}

// Fields of the page that a hook's error became must not describe the page that takes its place.
func TestTimeoutReplacesTheWholePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cl := client(t, waiting(&Timeout{After: time.Second}))
		cl.AllowErrors = true
		cl.Get("/early/error").AssertHeader("X-Inner", "1")
		cl.Get("/deadline?hook=1").AssertStatus(503).AssertHeader("X-Inner", "")
	})
}

func TestTimeoutWithinAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := quiet()
		app.Use(&Timeout{After: time.Minute, RetryAfter: time.Hour}, &Timeout{After: time.Second})
		app.Get("/", func(c *pipeline.Ctx) error { <-c.Context().Done(); return c.Context().Err() })
		began := time.Now()
		client(t, app).Get("/").AssertStatus(503).AssertHeader("Retry-After", "3600")
		if took := time.Since(began); took != time.Second {
			t.Errorf("%v", took)
		}
	})
}
