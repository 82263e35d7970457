package static

import (
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
)

// What is cut of a body in parts is what is cut of the whole.
func TestSlice(t *testing.T) {
	const text = "0123456789"
	for a := range len(text) + 1 {
		for b := a; b <= len(text); b++ {
			body := []pipeline.Part{part(text[:a]), part(text[a:b]), part(text[b:])}
			for start := range len(text) {
				for end := start + 1; end <= len(text); end++ {
					var got string
					for _, p := range slice(nil, body, byteRange{int64(start), int64(end)}) {
						if p.N != int64(len(p.Bytes)) {
							t.Fatal("length", p.N, len(p.Bytes))
						}
						got += string(p.Bytes)
					}
					if got != text[start:end] {
						t.Fatalf("%d %d: [%d, %d) is %q", a, b, start, end, got)
					}
				}
			}
		}
	}
}

func part(s string) pipeline.Part { return pipeline.Part{Bytes: []byte(s)} }
