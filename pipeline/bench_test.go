package pipeline

import (
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// One request through the chain of an Inline route, without the wire: what the pipeline itself costs.
func BenchmarkRun(b *testing.B) {
	for _, bench := range []struct {
		name       string
		middleware int
	}{{"bare", 0}, {"5 middlewares", 5}} {
		b.Run(bench.name, func(b *testing.B) {
			app := New()
			for range bench.middleware {
				app.Use(&tallied{})
			}
			app.Get("/a/{x}", func(c *Ctx) error { return c.Static(200, "text/plain", helloBytes) }, Inline)
			chain, err := app.Compile()
			if err != nil {
				b.Fatal(err)
			}
			head := []byte("GET /a/b HTTP/1.1\r\nHost: a\r\n\r\n")
			lim := http1.DefaultLimits()
			c, t := NewCtx(), new(wire)
			c.SetWatch(new(Watch))
			b.ReportAllocs()
			for b.Loop() {
				c.Head.Parse(head, &lim)
				c.Begin(t, head, c.Head.Path.Of(head))
				if chain.Run(c) != Done {
					b.Fatal("not done")
				}
				c.Reset()
			}
		})
	}
}

var helloBytes = []byte("hello")

// tallied has a hook on each way.
type tallied struct{ requests, responses int }

func (m *tallied) ProcessRequest(*Ctx) error  { m.requests++; return nil }
func (m *tallied) ProcessResponse(*Ctx) error { m.responses++; return nil }
