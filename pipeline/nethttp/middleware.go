package nethttp

import (
	"net/http"

	"github.com/wheelpit/wheelpit/pipeline"
)

// requestKey is the key of the current request in the values of a Ctx.
type requestKey struct{}

// Request returns the request as the net/http middleware around passed it on, with its changed header and context; nil
// outside of any. It must not be kept.
func Request(c *pipeline.Ctx) *http.Request {
	r, _ := c.Get(requestKey{}).(*http.Request)
	return r
}
