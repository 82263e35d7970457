//go:build !race && !invariants

package filter_test

import (
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/brotli"
	"github.com/wheelpit/wheelpit/server/filter"
	"github.com/wheelpit/wheelpit/server/gzip"
	"github.com/wheelpit/wheelpit/server/zstd"
)

// What is not compressed, what is kept, and a body in memory cost no allocation.
func TestAllocations(t *testing.T) {
	page := []byte(strings.Repeat("a page with words that repeat\n", 350))
	g, err := gzip.New(gzip.Config{MinLength: 20, Vary: true})
	if err != nil {
		t.Fatal(err)
	}
	b, err := brotli.New(brotli.Config{Level: 4})
	if err != nil {
		t.Fatal(err)
	}
	z, err := zstd.New(zstd.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for what, test := range map[string]struct {
		hook   *filter.Coding
		answer func(c *pipeline.Ctx)
		accept string
	}{
		"other type": {g, func(c *pipeline.Ctx) { _ = c.Static(200, "image/png", page) }, "gzip"},
		"not wanted": {g, func(c *pipeline.Ctx) { _ = c.Static(200, "text/html", page) }, "br"},
		"kept": {g, func(c *pipeline.Ctx) {
			_ = c.Static(200, "text/html; charset=utf-8", page)
			_ = c.AddHeader("ETag", `"65f0-123"`)
		}, "br, gzip"},
		"kept br": {b, func(c *pipeline.Ctx) {
			_ = c.Static(200, "text/html", page)
			_ = c.AddHeader("ETag", `"65f0-123"`)
		}, "gzip, br"},
		"kept zstd": {z, func(c *pipeline.Ctx) {
			_ = c.Static(200, "text/html", page)
			_ = c.AddHeader("ETag", `"65f0-123"`)
		}, "zstd"},
		"in memory": {g, func(c *pipeline.Ctx) { _ = c.Bytes(200, "text/html", page) }, "gzip"},
	} {
		c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Header("Accept-Encoding", test.accept))
		run := func() {
			c.ClearResponse()
			test.answer(c)
			if err := test.hook.ProcessResponse(c); err != nil {
				t.Error(err)
			}
		}
		run()
		coded := c.ResponseHeader("Content-Encoding") != ""
		if coded != (what != "other type" && what != "not wanted") || coded && c.Res().Length() > 1000 {
			t.Errorf("%s: %v, %d bytes", what, c.Res().Fields(), c.Res().Length())
		}
		if n := testing.AllocsPerRun(100, run); n > 0.1 {
			t.Errorf("%s: %v allocations", what, n)
		}
	}
}

// A response that no filter is for passes all of them as it is, for nothing.
func TestUntouched(t *testing.T) {
	hooks := newLocation(t, "").hooks
	delete(hooks, "headers") // it is for all responses
	picture := make([]byte, 1000)
	c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Header("Accept-Encoding", "gzip"))
	run := func() {
		c.ClearResponse()
		_ = c.Static(200, "image/png", picture)
		_ = c.AddHeader("ETag", `"x"`)
		for _, h := range hooks {
			if err := h.ProcessResponse(c); err != nil {
				t.Error(err)
			}
		}
	}
	if n := testing.AllocsPerRun(100, run); n > 0.1 {
		t.Errorf("%v allocations", n)
	}
	if parts := c.Res().Parts(); len(parts) != 1 || &parts[0].Bytes[0] != &picture[0] || len(c.Res().Fields()) != 1 || c.Res().ContentType != "image/png" {
		t.Errorf("%+v", c.Res())
	}
}

func BenchmarkUntouched(b *testing.B) {
	location := newLocation(b, "").hooks
	delete(location, "headers")
	var hooks []pipeline.ResponseHook
	for _, h := range location {
		hooks = append(hooks, h)
	}
	c := pipelinetest.NewCtx(b, "GET", "/", pipelinetest.Header("Accept-Encoding", "gzip"))
	_ = c.Static(200, "image/png", make([]byte, 1000))
	for b.Loop() {
		for _, h := range hooks {
			_ = h.ProcessResponse(c)
		}
	}
}

func BenchmarkKept(b *testing.B) {
	page := []byte(strings.Repeat("a page with words that repeat\n", 350))
	g, err := gzip.New(gzip.Config{MinLength: 20, Vary: true})
	if err != nil {
		b.Fatal(err)
	}
	c := pipelinetest.NewCtx(b, "GET", "/", pipelinetest.Header("Accept-Encoding", "gzip, deflate, br"))
	for b.Loop() {
		c.ClearResponse()
		_ = c.Static(200, "text/html", page)
		_ = c.AddHeader("ETag", `"65f0-123"`)
		_ = g.ProcessResponse(c)
	}
}
