package pipeline

import (
	"bytes"
	"testing"
)

// A range of a stream is the same however the stream is cut.
func TestStreamRange(t *testing.T) {
	const body = "0123456789"
	for start := range len(body) + 1 {
		for end := start; end <= len(body); end++ {
			for cut := range len(body) + 1 {
				var out bytes.Buffer
				r := &streamRange{wire: &out, skip: int64(start), left: int64(end - start)}
				for _, p := range []string{body[:cut], body[cut:]} {
					if n, err := r.Write([]byte(p)); n != len(p) || err != nil {
						t.Fatal(n, err)
					}
				}
				if got := out.String(); got != body[start:end] {
					t.Fatalf("[%d,%d) cut at %d: %q", start, end, cut, got)
				}
			}
		}
	}
}
