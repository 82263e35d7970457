package server

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Who asks for two things at once, and is to have no answer to the second, gets the first, even when the connection is reset then.
func TestAnsweredBeforeAborted(t *testing.T) {
	app := pipeline.New()
	small := func(c *pipeline.Ctx) error { return c.Text(200, "the first") }
	abort := func(*pipeline.Ctx) error { pipeline.Abort(); return nil }
	app.Get("/inline/small", small, pipeline.Inline)
	app.Get("/worker/small", small)
	app.Get("/inline/abort", abort, pipeline.Inline)
	app.Get("/worker/abort", abort)
	for _, reset := range []bool{false, true} {
		for _, second := range []string{"/inline/abort", "/worker/abort"} {
			for _, first := range []string{"/inline/small", "/worker/small"} {
				_, addr := start(t, app, func(c *Config) {
					const long = time.Minute
					p := Settings{
						HTTP: http1.DefaultLimits(), MaxRequests: 10, KeepAlive: long, HeaderTimeout: long, BodyTimeout: long,
						SendTimeout: long, ResetTimedOut: reset,
					}.Compile()
					c.Place = func(*loop.Conn) (any, *Policy) { return nil, p }
				})
				conn := dial(t, addr)
				_, _ = io.WriteString(conn, get(first)+get(second))
				r := bufio.NewReader(conn)
				res, err := http.ReadResponse(r, nil)
				if err != nil {
					t.Errorf("%s, %s, reset %v: %v", first, second, reset, err)
					continue
				}
				if b, err := io.ReadAll(res.Body); string(b) != "the first" {
					t.Errorf("%s, %s, reset %v: %q %v", first, second, reset, b, err)
				}
				rest, err := io.ReadAll(r)
				if len(rest) > 0 || (err != nil && strings.Contains(err.Error(), "reset")) != reset {
					t.Errorf("%s, %s, reset %v: then %q %v", first, second, reset, rest, err)
				}
			}
		}
	}
}
