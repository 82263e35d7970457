package pipeline_test

import (
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// A subrequest that begins anew, as one that is redirected inside a server does, ends well although its chain is forgotten.
func TestRestartWithinSubrequest(t *testing.T) {
	app := pipeline.New()
	app.Get("/anew", func(c *pipeline.Ctx) error {
		c.OnClose(func() {})
		_ = c.Text(404, "nothing")
		c.Restart()
		return c.Text(200, "found")
	})
	app.Get("/outer", func(c *pipeline.Ctx) error {
		var body strings.Builder
		err := c.Subrequest(pipeline.Subrequest{Path: "/anew", To: &body}, nil)
		if err != nil {
			return err
		}
		return c.Text(200, "inner: "+body.String())
	})
	res := pipelinetest.NewClient(t, app).Do("GET", "/outer")
	if res.Status != 200 || string(res.Body) != "inner: found" {
		t.Errorf("%d %q", res.Status, res.Body)
	}
}
