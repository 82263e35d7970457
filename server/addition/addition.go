// Package addition puts the answers of other locations before and behind a body: NGINX's addition filter.
//
// It adds to answers of 200 of the configured types, and to none that is itself a part of another body. The body becomes a
// stream: the locations are asked by subrequests, which may wait, when it is sent.
package addition

import (
	"errors"
	"io"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter"
)

// Config are the directives.
type Config struct {
	// Before and After are the URIs that are asked (add_before_body, add_after_body); empty for none.
	Before, After string
	// Types are the media types besides text/html (addition_types); "*" is all.
	Types []string
	// Subrequest asks a URI.
	Subrequest filter.Subrequest
}

// Filter is the Response hook.
type Filter struct {
	before, after string
	types         *filter.Types
	ask           filter.Subrequest
}

// New checks the configuration.
func New(cfg Config) (*Filter, error) {
	if cfg.Subrequest == nil {
		return nil, errors.New("addition: nobody to ask")
	}
	return &Filter{cfg.Before, cfg.After, filter.NewTypes(cfg.Types, "text/html"), cfg.Subrequest}, nil
}

// Changes tells whether ProcessResponse would add to a 200 of that type, so that no ranges of it can be sent. A handler asks
// before it answers.
func (f *Filter) Changes(c *pipeline.Ctx, contentType string, _ int64) bool {
	return (f.before != "" || f.after != "") && f.types.Has(contentType) && !filter.Nested(c)
}

// ProcessResponse adds to the body.
func (f *Filter) ProcessResponse(c *pipeline.Ctx) error {
	if c.Res().Status != 200 || !f.Changes(c, c.Res().ContentType, 0) {
		return nil
	}
	filter.Changed(c)
	filter.Streamed(c)
	c.FilterStream(func(wire io.Writer) pipeline.StreamFilter { return &body{f: f, c: c, wire: wire} })
	return nil
}

// body is the filter of one response.
type body struct {
	f     *Filter
	c     *pipeline.Ctx
	wire  io.Writer
	begun bool
}

// begin asks what stands before the body.
func (b *body) begin() error {
	if b.begun {
		return nil
	}
	b.begun = true
	return b.ask(b.f.before)
}

func (b *body) ask(uri string) error {
	if uri == "" {
		return nil
	}
	_, err := b.f.ask(b.c, uri, "", b.wire)
	return err
}

// Write passes p on.
func (b *body) Write(p []byte) (int, error) {
	if err := b.begin(); err != nil {
		return 0, err
	}
	return b.wire.Write(p)
}

// Flush has what stands before the body sent, too.
func (b *body) Flush() error { return b.begin() }

// Close asks what stands behind the body.
func (b *body) Close() error {
	if err := b.begin(); err != nil {
		return err
	}
	return b.ask(b.f.after)
}
