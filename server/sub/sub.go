package sub

// Hot: ProcessResponse runs for every response; a body in memory is searched without allocation.

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter"
)

// MaxPairs is the most strings that one filter looks for (NGINX: the same).
const MaxPairs = 255

// inlineMax is the most of a body in bytes that a reactor searches: it takes 40 microseconds.
const inlineMax = 64 << 10

// Config are the directives.
type Config struct {
	// Pairs are what is replaced (sub_filter).
	Pairs []Pair
	// Every replaces all occurrences (sub_filter_once off).
	Every bool
	// Types are the media types besides text/html (sub_filter_types); "*" is all.
	Types []string
	// LastModified keeps Last-Modified, and ETag as a weak one (sub_filter_last_modified).
	LastModified bool
}

// Pair is a string and what takes its place. Each is given as text, or as a function when it has variables, which is asked
// once for a response. A string that comes out empty is not looked for.
type Pair struct {
	Match      string
	MatchValue filter.Value
	Text       string
	Value      filter.Value
}

// Filter is the Response hook.
type Filter struct {
	cfg      Config
	types    *filter.Types
	patterns *patterns // nil when some string has variables
	machines sync.Pool
}

// New checks the configuration and prepares the search.
func New(cfg Config) (*Filter, error) {
	if len(cfg.Pairs) > MaxPairs {
		return nil, fmt.Errorf("sub: number of search patterns exceeds %d", MaxPairs)
	}
	f := &Filter{cfg: cfg, types: filter.NewTypes(cfg.Types, "text/html")}
	f.machines.New = func() any { return new(machine) }
	fixed := true
	list := make([]pattern, len(cfg.Pairs))
	for i := range cfg.Pairs {
		p := &cfg.Pairs[i]
		if p.Match == "" && p.MatchValue == nil {
			return nil, errors.New("sub: empty search pattern")
		}
		fixed = fixed && p.MatchValue == nil
		list[i] = pattern{text: lowered([]byte(p.Match)), pair: i}
	}
	if fixed && len(list) > 0 {
		f.patterns = compile(list)
	}
	return f, nil
}

// Changes tells whether ProcessResponse would look through a 200 of that type and length, so that no ranges of it can be sent.
// A handler asks before it answers.
func (f *Filter) Changes(_ *pipeline.Ctx, contentType string, length int64) bool {
	return len(f.cfg.Pairs) > 0 && length != 0 && f.types.Has(contentType)
}

// ProcessResponse replaces the strings.
func (f *Filter) ProcessResponse(c *pipeline.Ctx) error {
	res := c.Res()
	if res.Length() == 0 || res.Status == 206 || !f.Changes(c, res.ContentType, res.Length()) || c.ResponseHeader("Content-Encoding") != "" {
		return nil
	}
	p := f.patterns
	if p == nil {
		if p = f.compile(c); p == nil {
			return nil
		}
	}
	filter.Rewritten(c, f.cfg.LastModified)
	if filter.InPlace(c, inlineMax) {
		f.replace(c, p)
		return nil
	}
	filter.Streamed(c)
	c.FilterStream(func(wire io.Writer) pipeline.StreamFilter {
		m := f.machines.Get().(*machine)
		m.begin(f, p, c)
		return &stream{m, wire}
	})
	return nil
}

// compile prepares the search for strings with variables. It allocates.
func (f *Filter) compile(c *pipeline.Ctx) *patterns {
	var list []pattern
	for i := range f.cfg.Pairs {
		p := &f.cfg.Pairs[i]
		text := []byte(p.Match)
		if p.MatchValue != nil {
			text = p.MatchValue(c, nil)
		}
		if len(text) > 0 {
			list = append(list, pattern{text: lowered(text), pair: i})
		}
	}
	if len(list) == 0 {
		return nil
	}
	return compile(list)
}

// replace looks through a body in memory. One in which nothing is found stays where it is.
func (f *Filter) replace(c *pipeline.Ctx, p *patterns) {
	m := f.machines.Get().(*machine)
	m.begin(f, p, c)
	m.carry = m.carry[:0]
	body := filter.Body(c, m.carry)
	m.feed(body, true)
	if m.hits > 0 {
		c.ReplaceBody(m.out)
	}
	f.release(m)
}

func (f *Filter) release(m *machine) {
	m.f, m.c, m.patterns = nil, nil, nil
	if cap(m.out)+cap(m.carry) <= 512<<10 {
		f.machines.Put(m)
	}
}

// stream is a machine in front of the wire. One that fails is left to the collector.
type stream struct {
	m    *machine
	wire io.Writer
}

// Write looks through p.
func (s *stream) Write(p []byte) (int, error) {
	if err := s.pass(p, false); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (s *stream) pass(p []byte, last bool) error {
	s.m.out = s.m.out[:0]
	s.m.piece(p, last)
	if len(s.m.out) == 0 {
		return nil
	}
	_, err := s.wire.Write(s.m.out)
	return err
}

// Flush has nothing to pass on: what is held back may be the beginning of a match.
func (s *stream) Flush() error { return nil }

// Close passes on what was held back.
func (s *stream) Close() error {
	err := s.pass(nil, true)
	s.m.f.release(s.m)
	return err
}
