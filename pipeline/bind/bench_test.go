package bind_test

import (
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/bind"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func BenchmarkInto(b *testing.B) {
	type query struct {
		ID   int      `path:"id"`
		Page int      `query:"page" default:"1" validate:"min=1"`
		Q    string   `query:"q" validate:"required"`
		Tags []string `query:"tag"`
	}
	type content struct {
		Customer string `json:"customer" form:"customer" validate:"required"`
		Small    int    `json:"small" form:"small"`
	}
	bindQuery := func(c *pipeline.Ctx) error { _, err := bind.Into[query](c); return err }
	bindContent := func(c *pipeline.Ctx) error { _, err := bind.Into[content](c); return err }
	bindOrder := func(c *pipeline.Ctx) error { _, err := bind.Into[order](c); return err }
	large := `{"items":[` + strings.Repeat(`{"parts":[{"parts":[{"price":1,"amount":2}]}]},`, 20000) + `{"price":"x"}]}`
	for _, bench := range []struct {
		name    string
		typ     string
		body    string
		handler pipeline.Handler
		fails   bool
	}{
		{"query", "", "", bindQuery, false},
		{"json", "application/json", `{"customer":"a","small":5}`, bindContent, false},
		{"json-wrong", "application/json", `{"customer":5,"small":"x"}`, bindContent, true},
		{"json-hostile", "application/json", large, bindOrder, true},
		{"form", "application/x-www-form-urlencoded", "customer=a&small=5", bindContent, false},
	} {
		b.Run(bench.name, func(b *testing.B) {
			c := pipelinetest.NewCtx(b, "POST", "/?page=2&q=go+lang&tag=a&tag=b", pipelinetest.Body(bench.typ, bench.body), pipelinetest.Param("id", 5))
			c.SetBody([]byte(bench.body))
			b.ReportAllocs()
			for b.Loop() {
				if err := bench.handler(c); (err != nil) != bench.fails {
					b.Fatal(err)
				}
			}
		})
	}
}
