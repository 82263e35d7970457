package views

import (
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// TestMain keeps the log of errors made on purpose out of the output.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// begin makes a Ctx for "METHOD /path", on a worker. fields are "Name: value".
func begin(t testing.TB, line string, fields ...string) *pipeline.Ctx {
	t.Helper()
	method, target, _ := strings.Cut(line, " ")
	opts := []pipelinetest.Option{pipelinetest.Host("a.example")}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		opts = append(opts, pipelinetest.Header(name, value))
	}
	return pipelinetest.NewCtx(t, method, target, opts...)
}

// compiled compiles an application.
func compiled(t testing.TB, app *pipeline.App) *pipeline.Chain {
	t.Helper()
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return chain
}

// serve runs one request through an application with one route.
func serve(t testing.TB, pattern string, h pipeline.Handler, line string, fields ...string) *pipeline.Ctx {
	t.Helper()
	app := pipeline.New()
	app.Path(pattern, h)
	c := begin(t, line, fields...)
	compiled(t, app).Run(c)
	return c
}

// body is the body of a response that is in memory.
func body(c *pipeline.Ctx) string {
	var b strings.Builder
	for _, p := range c.Res().Parts() {
		b.Write(p.Bytes)
	}
	return b.String()
}

// result is status and body.
func result(c *pipeline.Ctx) string { return strconv.Itoa(c.Res().Status) + " " + body(c) }
