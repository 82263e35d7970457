package middleware

import (
	"fmt"
	"math"

	"github.com/wheelpit/wheelpit/pipeline"
)

// BodyLimit bounds the content of requests (NGINX client_max_body_size). A request that announces more is answered 413
// before its handler runs and before its content is read; content in chunks is refused when the bound is passed, by the
// error of the read (pipeline.ErrBodyTooLarge, which becomes 413 when it is returned).
//
// The server's own limit comes first for content of an announced length: a BodyLimit above it has no effect there.
type BodyLimit struct {
	// Max is the number of bytes for routes that say nothing else; 0 is pipeline.DefaultBodyLimit (1 MiB, as in NGINX),
	// -1 means no limit.
	Max int64
}

// bodyLimitKey is the name of the route's own limit in Route.Meta.
const bodyLimitKey = "middleware.BodyLimit"

// RouteBodyLimit gives a route its own limit under a BodyLimit middleware, larger or smaller; see BodyLimit.Max.
func RouteBodyLimit(n int64) pipeline.RouteOption { return pipeline.Meta(bodyLimitKey, n) }

// Load refuses a limit that cannot be meant.
func (m BodyLimit) Load(*pipeline.App) error {
	if m.Max < 0 && m.Max != -1 {
		return fmt.Errorf("middleware: BodyLimit: %d bytes; -1 means no limit", m.Max)
	}
	return nil
}

// ProcessRequest bounds what middleware within may read before the route is known.
func (m BodyLimit) ProcessRequest(c *pipeline.Ctx) error {
	c.SetBodyLimit(effectiveLimit(m.Max))
	return nil
}

// ProcessView bounds what the handler may read, and refuses what is announced to be more.
func (m BodyLimit) ProcessView(c *pipeline.Ctx, r *pipeline.Route) error {
	limit := effectiveLimit(m.Max)
	if r.Meta != nil {
		if own, ok := r.Meta[bodyLimitKey].(int64); ok {
			limit = effectiveLimit(own)
		}
	}
	c.SetBodyLimit(limit)
	if c.ContentLength() > limit {
		return pipeline.ErrBodyTooLarge
	}
	return nil
}

func effectiveLimit(n int64) int64 {
	switch {
	case n < 0:
		return math.MaxInt64
	case n == 0:
		return pipeline.DefaultBodyLimit
	}
	return n
}
