//go:build !race && !invariants

package charset_test

import (
	"testing"

	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/charset"
)

func TestAllocations(t *testing.T) {
	body := []byte("some text \xc0\xc1\xc2")
	for _, source := range []string{"", "koi8-r"} {
		f, err := charset.New(charset.Config{Name: "utf-8", Source: source, Maps: maps(t)})
		if err != nil {
			t.Fatal(err)
		}
		c := pipelinetest.NewCtx(t, "GET", "/")
		run := func() {
			c.ClearResponse()
			_ = c.Static(200, "text/html", body)
			if err := f.ProcessResponse(c); err != nil {
				t.Error(err)
			}
		}
		run()
		if c.Res().ContentType != "text/html; charset=utf-8" || (c.Res().Length() != int64(len(body))) != (source != "") {
			t.Errorf("%q: %+v", source, c.Res())
		}
		if n := testing.AllocsPerRun(100, run); n > 0.1 {
			t.Errorf("%q: %v allocations", source, n)
		}
	}
}
