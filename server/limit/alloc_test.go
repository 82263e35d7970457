//go:build !race && !invariants

package limit

import (
	"bytes"
	"testing"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func TestAllocs(t *testing.T) {
	long := make([]byte, 100)
	digested := func(_ *pipeline.Ctx, dst []byte) []byte { return append(dst, long...) }
	zone := func(rate int64, key pipeline.Value) *ReqZone {
		z, err := NewReqZone(ZoneConfig{Name: "z", Size: 1 << 20, Key: key, Rate: rate}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	cz, err := NewConnZone(ZoneConfig{Name: "z", Size: 1 << 20, Key: ByClient}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, hook := range map[string]pipeline.RequestHook{
		"limit_req":  newReq(t, ReqConfig{Limits: []ReqLimit{{Zone: zone(MaxRate, ByClient), Burst: 1e6, NoDelay: true}, {Zone: zone(1000, digested), Burst: 1e6, NoDelay: true}}}),
		"limit_conn": newConn(t, ConnConfig{Limits: []ConnLimit{{cz, 10}, {cz, 10}}}),
	} {
		c := pipelinetest.NewCtx(t, "GET", "/")
		wire, head, limits := c.Transport(), bytes.Clone(c.HeadBytes()), http1.DefaultLimits()
		if n := testing.AllocsPerRun(200, func() {
			c.Reset()
			if c.Head.Parse(head, &limits) != http1.Complete {
				t.Fatal("not parsed")
			}
			c.Begin(wire, head, c.Head.Path.Of(head))
			if hook.ProcessRequest(c) != nil || c.Answered() {
				t.Fatal("refused")
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
