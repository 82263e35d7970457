package xslt_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/filter"
	"github.com/wheelpit/wheelpit/server/xslt"
)

func newFilter(t testing.TB, cfg xslt.Config) *xslt.Filter {
	t.Helper()
	s, err := xslt.Load(sheets(t, "m", `<xsl:output method="html"/><xsl:template match="/">n=<xsl:value-of select="count(//a)"/></xsl:template>`))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Sheets = []xslt.Sheet{{Stylesheet: s}}
	return xslt.New(cfg)
}

// On a reactor the filter asks for a worker, without anything lost; there it transforms bodies of all kinds.
func TestFilter(t *testing.T) {
	large := "<r>" + strings.Repeat("<a/>", 30_000) + "</r>"
	for what, test := range map[string]struct {
		cfg    xslt.Config
		answer func(c *pipeline.Ctx) error
		want   string
		err    error // nil with an empty want is any
	}{
		"memory":     {xslt.Config{}, func(c *pipeline.Ctx) error { return c.Bytes(200, "text/xml", []byte("<r><a/></r>")) }, "n=1\n", nil},
		"parameters": {xslt.Config{}, func(c *pipeline.Ctx) error { return c.Bytes(404, "TEXT/xml; charset=utf-8", []byte("<a/>")) }, "n=1\n", nil},
		"large":      {xslt.Config{}, func(c *pipeline.Ctx) error { return c.Bytes(200, "text/xml", []byte(large)) }, "n=30000\n", nil},
		"stream": {xslt.Config{}, func(c *pipeline.Ctx) error {
			return c.Stream(200, "text/xml", -1, func(s *pipeline.Stream) error {
				_, _ = io.WriteString(s, "<r><a")
				_ = s.Flush()
				_, err := io.WriteString(s, "/><a/></r>")
				return err
			})
		}, "n=2\n", nil},
		"broken stream": {xslt.Config{}, func(c *pipeline.Ctx) error {
			return c.Stream(200, "text/xml", -1, func(s *pipeline.Stream) error { return io.ErrUnexpectedEOF })
		}, "", xslt.ErrBody},
		"long stream": {xslt.Config{}, func(c *pipeline.Ctx) error {
			return c.Stream(200, "text/xml", -1, func(s *pipeline.Stream) error {
				_, err := s.Write(make([]byte, xslt.MaxBody+1))
				return err
			})
		}, "", filter.ErrTooLong},
		"bad":          {xslt.Config{}, func(c *pipeline.Ctx) error { return c.Bytes(200, "text/xml", []byte("<r>")) }, "", nil},
		"other type":   {xslt.Config{}, func(c *pipeline.Ctx) error { return c.Bytes(200, "text/html", []byte("<r>")) }, "<r>", nil},
		"type":         {xslt.Config{Types: []string{"text/html"}}, func(c *pipeline.Ctx) error { return c.Bytes(200, "text/html", []byte("<a/>")) }, "n=1\n", nil},
		"default type": {xslt.Config{Types: []string{"text/html"}}, func(c *pipeline.Ctx) error { return c.Bytes(200, "text/xml", []byte("<a/>")) }, "n=1\n", nil},
		"all types":    {xslt.Config{Types: []string{"*"}}, func(c *pipeline.Ctx) error { return c.Bytes(200, "a/b", []byte("<a/>")) }, "n=1\n", nil},
		"304":          {xslt.Config{Types: []string{"*"}}, func(c *pipeline.Ctx) error { return c.NoContent(304) }, "", filter.ErrTooLong},
	} {
		f := newFilter(t, test.cfg)
		c := pipelinetest.NewCtx(t, "GET", "/")
		if err := test.answer(c); err != nil {
			t.Fatal(err)
		}
		_ = c.SetHeader("ETag", `"x"`)
		c.SetWorker(false)
		err := f.ProcessResponse(c)
		if passed := what == "other type" || what == "304"; passed != (err == nil) || err != nil && err != pipeline.ErrOffload {
			t.Errorf("%s, on a reactor: %v", what, err)
		} else if passed {
			continue
		}
		c.SetWorker(true)
		switch err = f.ProcessResponse(c); {
		case test.want == "":
			if err == nil || test.err != nil && !errors.Is(err, test.err) {
				t.Errorf("%s: %v", what, err)
			}
		case err != nil:
			t.Errorf("%s: %v", what, err)
		default:
			if res := pipelinetest.Of(t, c); string(res.Body) != test.want || c.Res().ContentType != "text/html" && what != "parameters" || c.HasResponseHeader("ETag") {
				t.Errorf("%s: %q %+v", what, res.Body, c.Res())
			}
		}
	}
}
