package middleware

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func TestBodyLimit(t *testing.T) {
	size := func(c *pipeline.Ctx) error {
		b, err := c.Body()
		if err != nil {
			return err
		}
		return c.Text(200, strings.Repeat("x", len(b)%7))
	}
	app := quiet()
	app.Use(BodyLimit{Max: 10})
	app.Post("/plain", size)
	app.Post("/large", size, RouteBodyLimit(20))
	app.Post("/small", size, RouteBodyLimit(5))
	app.Post("/none", size, RouteBodyLimit(-1))
	app.Post("/default", size, RouteBodyLimit(0))
	app.Post("/stream", func(c *pipeline.Ctx) error {
		if _, err := io.Copy(io.Discard, c.BodyReader()); err != nil {
			return err
		}
		return c.NoContent(204)
	})
	cl := client(t, app)
	for _, c := range []struct {
		path   string
		n      int
		status int
	}{
		{"/plain", 10, 200}, {"/plain", 11, 413}, {"/plain", 0, 200},
		{"/large", 20, 200}, {"/large", 21, 413},
		{"/small", 5, 200}, {"/small", 6, 413},
		{"/none", 3 << 20, 200},
		{"/default", 1 << 20, 200}, {"/default", 1<<20 + 1, 413},
		{"/stream", 10, 204}, {"/stream", 11, 413},
	} {
		content := strings.Repeat("x", c.n)
		cl.Post(c.path, pipelinetest.Body("text/plain", content)).AssertStatus(c.status)
		cl.Post(c.path, pipelinetest.Chunks("text/plain", strings.NewReader(content))).AssertStatus(c.status)
	}
	compileError(t, "-1 means no limit", BodyLimit{Max: -2})
}

// announced is a body that fails the test when it is read.
type announced struct{ t *testing.T }

func (a announced) Read([]byte) (int, error) {
	a.t.Error("the content was read")
	return 0, io.EOF
}

// What is announced to be too large is refused before the handler runs; a hook within is bound before the route is known.
func TestBodyLimitRefusesBeforeTheHandler(t *testing.T) {
	app := quiet()
	var limits []int64
	app.Use(BodyLimit{Max: 10}, func(next pipeline.Handler) pipeline.Handler {
		return func(c *pipeline.Ctx) error {
			limits = append(limits, c.BodyLimit())
			return next(c)
		}
	})
	app.Post("/x", func(*pipeline.Ctx) error { t.Error("the handler ran"); return nil })
	res := client(t, app).Post("/x", pipelinetest.Body("", strings.Repeat("x", 11))).AssertStatus(413)
	if !errors.Is(res.Err, pipeline.ErrBodyTooLarge) || len(limits) != 1 || limits[0] != 10 {
		t.Errorf("%v, limits %v", res.Err, limits)
	}
	client(t, app).Post("/elsewhere", pipelinetest.Chunks("", announced{t})).AssertStatus(404)
}
