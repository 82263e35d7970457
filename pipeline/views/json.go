package views

import (
	"encoding/json"
	"fmt"

	"github.com/wheelpit/wheelpit/pipeline"
)

// JSONCodec makes JSON of a value. The methods of other JSON packages fit as they are, through [JSONFunc].
type JSONCodec interface {
	// Marshal returns memory that does not change any more.
	Marshal(v any) ([]byte, error)
}

// JSONFunc is a function as a [JSONCodec].
type JSONFunc func(v any) ([]byte, error)

// Marshal calls f.
func (f JSONFunc) Marshal(v any) ([]byte, error) { return f(v) }

// UseJSON returns a middleware that has [JSON] use codec in the application it is used in. Without it, that is
// encoding/json.
func UseJSON(codec JSONCodec) pipeline.Middleware { return &jsonHook{codec} }

type jsonHook struct{ codec JSONCodec }

type jsonKey struct{}

// ProcessRequest notes the codec in the request.
func (h *jsonHook) ProcessRequest(c *pipeline.Ctx) error {
	c.Set(jsonKey{}, h)
	return nil
}

// JSON answers with v as JSON (Django: JsonResponse). A value that has no JSON form is an error, and nothing is answered.
func JSON(c *pipeline.Ctx, status int, v any) error {
	var codec JSONCodec = JSONFunc(json.Marshal)
	if h, ok := c.Get(jsonKey{}).(*jsonHook); ok {
		codec = h.codec
	}
	b, err := codec.Marshal(v)
	if err != nil {
		return fmt.Errorf("views: JSON: %w", err)
	}
	return c.Bytes(status, "application/json", b)
}
