// Package cbv replays cases of what Django's class-based views answer against package views: which method is answered by
// which verb, 405 and Allow (View.as_view, setup, dispatch, options).
package cbv

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/conformance/report"
	"github.com/wheelpit/wheelpit/pipeline/views"
)

// line is a line of cbv_dispatch.jsonl.
type line struct {
	Handlers        []string `json:"handlers"`
	HTTPMethodNames []string `json:"http_method_names"` // nil: Django's default
	Method          string   `json:"method"`

	Status        int     `json:"status"`
	Allow         *string `json:"allow"`
	ContentLength *string `json:"content_length"`
	Ran           *string `json:"ran"`
}

// Replay replays the lines of a file in the format of cbv_dispatch.jsonl. The error is one of reading; cases that differ are
// in the report.
func Replay(r io.Reader) (report.Report, error) {
	var rep report.Report
	err := report.Lines(r, func(number int, b []byte) error {
		var l line
		if err := json.Unmarshal(b, &l); err != nil {
			return fmt.Errorf("cbv: %w", err)
		}
		difference := l.check(verbs(l.Handlers))
		if class := classes[strings.Join(l.Handlers, " ")]; class != nil {
			difference += l.check(class)
		}
		if difference == "" {
			rep.Pass()
			return nil
		}
		rep.Fail(fmt.Sprintf("line %d: %s of %v, names %v", number, l.Method, l.Handlers, l.HTTPMethodNames), difference)
		return nil
	})
	return rep, err
}

// check sends the request to a class and says what differs.
func (l *line) check(class any) string {
	var opts []views.Option
	if l.HTTPMethodNames != nil {
		opts = append(opts, views.Methods(l.HTTPMethodNames...))
	}
	app := pipeline.New()
	app.Path("v/", views.View(class, opts...))
	chain, err := app.Compile()
	if err != nil {
		return err.Error()
	}
	target := "/v/"
	if l.Method == "CONNECT" { // takes no path on the wire (RFC 9112 section 3.2.3); Django's test client gave it one
		target = "testserver:80"
	}
	head := []byte(l.Method + " " + target + " HTTP/1.1\r\nHost: testserver\r\n\r\n")
	c, lim := pipeline.NewCtx(), http1.DefaultLimits()
	if v := c.Head.Parse(head, &lim); v != http1.Complete {
		return v.Error()
	}
	c.Begin(nil, head, []byte("/v/"))
	c.SetWorker(true)
	chain.Run(c)
	ran, _ := c.Get(ranKey{}).(string)
	return report.Differ("status", c.Res().Status, l.Status) + report.Differ("ran", ran, text(l.Ran)) +
		report.Differ("allow", allowOf(c), text(l.Allow)) + report.Differ("has allow", hasAllow(c), l.Allow != nil) +
		l.differLength(c)
}

// differLength compares the length where Django gives one: the answer to OPTIONS. The server writes the field.
func (l *line) differLength(c *pipeline.Ctx) string {
	if l.ContentLength == nil {
		return ""
	}
	return report.Differ("content_length", fmt.Sprint(c.Res().Length()), *l.ContentLength)
}

func allowOf(c *pipeline.Ctx) string { return c.ResponseHeader("Allow") }

// hasAllow tells an empty Allow from none.
func hasAllow(c *pipeline.Ctx) bool {
	for _, f := range c.Res().Fields() {
		if f.Name == "Allow" {
			return true
		}
	}
	return false
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
