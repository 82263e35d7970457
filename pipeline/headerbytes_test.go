package pipeline_test

import (
	"testing"

	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// What ends a line never becomes a part of a field; other control characters do where they are allowed.
func TestLaxHeader(t *testing.T) {
	for _, test := range []struct {
		name, value string
		strict, lax bool
	}{
		{"X-A", "plain", true, true}, {"X-A", "a\x02b\x7f", false, true}, {"X-A", "a\rb", false, false}, {"X-A", "a\nb", false, false},
		{"X-A", "a\x00b", false, false}, {"X A", "a", false, false}, {"Content-Type", "a\x02b", false, false}, {"Content-Type", "a/b", true, true},
	} {
		for _, lax := range []bool{false, true} {
			c := pipelinetest.NewCtx(t, "GET", "/")
			add, want := c.AddHeaderBytes, test.strict
			if lax {
				add, want = c.AddLaxHeaderBytes, test.lax
			}
			err := add(test.name, []byte(test.value))
			if (err == nil) != want || (c.ResponseHeader(test.name) == test.value) != want {
				t.Errorf("%s: %q, lax %t: %v, %q", test.name, test.value, lax, err, c.ResponseHeader(test.name))
			}
		}
	}
}
