package ssi

// Hot: ProcessResponse runs for every response; one without commands costs no allocation.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter"
)

// Regexp is a compiled regular expression. Go's *regexp.Regexp is one.
type Regexp interface {
	// FindStringSubmatchIndex returns pairs of indices of the leftmost match and of its groups, -1 for a group that is not
	// in it; nil when there is none.
	FindStringSubmatchIndex(s string) []int
	// SubexpNames returns the names of the groups, the first for the whole match; empty for those without.
	SubexpNames() []string
}

// Config are the directives, and what the commands need from the server.
type Config struct {
	// Types are the media types besides text/html (ssi_types); "*" is all.
	Types []string
	// SilentErrors writes nothing where a command fails (ssi_silent_errors).
	SilentErrors bool
	// ValueLength in bytes is the longest value of a parameter; 0 is 255 (ssi_value_length).
	ValueLength int
	// LastModified keeps Last-Modified, and ETag as a weak one (ssi_last_modified).
	LastModified bool
	// Start readies a subrequest for what is included, and returns what runs it on another goroutine; its body goes to w. waits is
	// called when it begins to wait for somebody else, so that the page goes on. Without Start nothing can be included.
	Start func(c *pipeline.Ctx, path, args string, w io.Writer, waits func()) (run func() (status int, err error), err error)
	// Waits is told that c waits for what it includes, so that a page that includes c goes on; nil for nobody.
	Waits func(c *pipeline.Ctx)
	// Subrequest asks what becomes a variable (set); it bounds its length by an error, which ends the page. Both make requests
	// that get the variables by Share.
	Subrequest filter.Subrequest
	// Variable appends the value of a variable of the server to dst and tells whether it has one; nil for none. The name is
	// in lower case.
	Variable func(c *pipeline.Ctx, name string, dst []byte) (value []byte, found bool)
	// Compile compiles a regular expression; nil is Go's.
	Compile func(pattern string) (Regexp, error)
	// Log is told why a command failed; nil for nobody.
	Log func(c *pipeline.Ctx, text string)
}

// Filter is the Response hook.
type Filter struct {
	cfg      Config
	types    *filter.Types
	patterns patterns
}

const (
	maxDepth = 50      // bodies within bodies (NGINX: NGX_HTTP_MAX_SUBREQUESTS)
	maxBlock = 1 << 20 // bytes
)

// New checks the configuration.
func New(cfg Config) (*Filter, error) {
	if cfg.ValueLength < 0 {
		return nil, errors.New("ssi: the length of values is negative")
	}
	if cfg.ValueLength == 0 {
		cfg.ValueLength = 255
	}
	if cfg.Compile == nil {
		cfg.Compile = func(pattern string) (Regexp, error) { return regexp.Compile(pattern) }
	}
	return &Filter{cfg: cfg, types: filter.NewTypes(cfg.Types, "text/html")}, nil
}

// Changes tells whether ProcessResponse would look through a 200 of that type and length, so that no ranges of it can be sent.
// A handler asks before it answers.
func (f *Filter) Changes(_ *pipeline.Ctx, contentType string, length int64) bool {
	return length != 0 && f.types.Has(contentType)
}

// ProcessResponse executes the commands in the body.
func (f *Filter) ProcessResponse(c *pipeline.Ctx) error {
	res := c.Res()
	if res.Status == 206 || !f.Changes(c, res.ContentType, res.Length()) || c.ResponseHeader("Content-Encoding") != "" {
		return nil
	}
	filter.Rewritten(c, f.cfg.LastModified)
	if filter.InPlace(c, filter.InlineMax) {
		s := filter.GetScratch()
		body := filter.Body(c, s.B)
		done, err := f.inMemory(c, body)
		s.Put()
		if done || err != nil {
			return err
		}
	}
	filter.Streamed(c)
	c.FilterStream(func(wire io.Writer) pipeline.StreamFilter { return newMachine(f, c, wire) })
	return nil
}

// inMemory runs the commands of a body in memory, and tells whether that was possible: what includes something waits, which
// takes a worker.
func (f *Filter) inMemory(c *pipeline.Ctx, body []byte) (done bool, err error) {
	if !bytes.Contains(body, []byte(mark)) {
		return true, nil
	}
	if !c.OnWorker() && bytes.Contains(body, []byte("include")) {
		return false, nil
	}
	var out memory
	m := newMachine(f, c, &out)
	_, _ = m.Write(body) // what a subrequest broke off with is told by Close, too
	if err := m.Close(); err != nil {
		return false, fmt.Errorf("ssi: %w", err)
	}
	c.ReplaceBody(out)
	return true, nil
}

// memory is bytes as a writer.
type memory []byte

// Write appends p.
func (m *memory) Write(p []byte) (int, error) {
	*m = append(*m, p...)
	return len(p), nil
}
