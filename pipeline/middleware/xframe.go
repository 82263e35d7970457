package middleware

// Hot: runs for every request; no allocation, no defer; no map but the one of a route that has Meta.

import (
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// XFrameOptions keeps pages out of the frames of other sites (RFC 7034; Django: XFrameOptionsMiddleware). A field that the
// response has already stays. An error page is never exempt.
type XFrameOptions struct {
	// Value is the value of X-Frame-Options, in any case (Django: X_FRAME_OPTIONS); empty is DENY.
	Value string

	value string
}

// xframeExempt is the Meta key of XFrameOptionsExempt, and frameKey that of ExemptFromXFrameOptions.
const xframeExempt = "middleware.XFrameOptionsExempt"

type frameKey struct{}

// XFrameOptionsExempt is a route option: its responses may be framed (Django: xframe_options_exempt).
func XFrameOptionsExempt(r *pipeline.Route) { pipeline.Meta(xframeExempt, true)(r) }

// ExemptFromXFrameOptions lets the response to this request be framed (Django: response.xframe_options_exempt).
func ExemptFromXFrameOptions(c *pipeline.Ctx) { c.Set(frameKey{}, true) }

// Load makes the value.
func (m *XFrameOptions) Load(*pipeline.App) error {
	m.value = strings.ToUpper(m.Value)
	if m.value == "" {
		m.value = "DENY"
	}
	if !http1.ValidFieldValue(m.value) {
		return fmt.Errorf("X-Frame-Options cannot be %q", m.Value)
	}
	return nil
}

// ProcessResponse adds the field.
func (m *XFrameOptions) ProcessResponse(c *pipeline.Ctx) error {
	if c.HasResponseHeader("X-Frame-Options") || c.Err() == nil && exemptFromFrames(c) {
		return nil
	}
	return c.AddHeader("X-Frame-Options", m.value)
}

func exemptFromFrames(c *pipeline.Ctx) bool {
	if r := c.Route(); r != nil && r.Meta != nil && r.Meta[xframeExempt] != nil {
		return true
	}
	return c.Get(frameKey{}) != nil
}
