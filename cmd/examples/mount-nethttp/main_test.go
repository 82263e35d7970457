package main

import (
	"testing"

	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func TestMount(t *testing.T) {
	cl := pipelinetest.NewClient(t, newApp())
	ann := pipelinetest.BasicAuth("ann", "secret")
	cl.Get("/old/hello/you", ann).AssertBody("hello you, says ann").AssertHeader("X-User", "ann")
	cl.Get("/new/you", ann).AssertBody("hello you, says ann").AssertHeader("X-User", "ann")
	cl.Get("/new/you").AssertBody("hello you, says nobody")
	cl.Get("/old/pprof/cmdline").AssertStatus(200)
	cl.Get("/old/none").AssertStatus(404).AssertHeader("X-User", "nobody")
	cl.Get("/old/files/main.go", pipelinetest.Header("Range", "bytes=0-9")).AssertStatus(206).AssertBody("// Command")
	cl.Get("/old/files/main.go").AssertContains("func newApp")
}
