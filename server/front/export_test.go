package front

import "github.com/wheelpit/wheelpit/pipeline"

// SliceRange is $slice_range of the location of a request.
func SliceRange(c *pipeline.Ctx) string {
	b, _ := requestOf(c).loc.guards.slice.AppendRange(c, nil)
	return string(b)
}
