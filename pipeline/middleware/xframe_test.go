package middleware

import (
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// A route or a response may be exempt; an error page never is.
func TestXFrameOptions(t *testing.T) {
	app := pipeline.New()
	app.Use(&XFrameOptions{Value: "sameorigin"})
	ok := func(c *pipeline.Ctx) error { return c.Text(200, "ok") }
	app.Get("/plain", ok)
	app.Get("/exempt", ok, XFrameOptionsExempt)
	app.Get("/exempt/error", func(*pipeline.Ctx) error { return pipeline.ErrNotFound }, XFrameOptionsExempt)
	app.Get("/this", func(c *pipeline.Ctx) error {
		ExemptFromXFrameOptions(c)
		return c.Text(200, "ok")
	})
	app.Get("/own", func(c *pipeline.Ctx) error {
		_ = c.SetHeader("x-frame-options", "ALLOW")
		return c.Text(200, "ok")
	})
	client := pipelinetest.NewClient(t, app)
	for target, want := range map[string]string{"/plain": "SAMEORIGIN", "/exempt": "", "/exempt/error": "SAMEORIGIN", "/this": "",
		"/own": "ALLOW", "/unknown": "SAMEORIGIN"} {
		client.Get(target).AssertHeader("X-Frame-Options", want)
	}
}
