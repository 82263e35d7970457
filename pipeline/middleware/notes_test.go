package middleware

import (
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// What middleware noted of a request is there for the receivers of OnFinish, and no other request has it before.
func TestNotesAreThereOnFinish(t *testing.T) {
	app := pipeline.New()
	app.Use(&RequestID{})
	var client *pipelinetest.Client
	var outer, answered string
	depth := 0
	app.OnFinish(func(c *pipeline.Ctx) {
		if depth++; depth > 1 {
			return
		}
		outer = GetRequestID(c)
		client.Get("/") // a request that takes notes, while these are not given back yet
		if id := GetRequestID(c); id != outer || id != answered || id == "" {
			t.Errorf("the id was %q, is %q, and was sent as %q", outer, id, answered)
		}
	})
	app.Get("/", func(c *pipeline.Ctx) error {
		if depth == 0 {
			answered = GetRequestID(c)
		}
		return c.NoContent(204)
	})
	client = pipelinetest.NewClient(t, app)
	client.Get("/").AssertStatus(204)
	if depth != 2 {
		t.Errorf("%d requests", depth)
	}
}
