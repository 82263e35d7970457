package charset

// Hot: ProcessResponse runs for every response; naming a charset does not allocate.

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/filter"
)

// Config are the directives.
type Config struct {
	// Name is the charset wanted (charset); empty is off. Value is asked instead when it is a variable.
	Name  string
	Value filter.Value
	// Source is the charset of responses that name none (source_charset); empty is off. SourceValue is asked instead when it
	// is a variable.
	Source      string
	SourceValue filter.Value
	// Override recodes responses that name a charset, too (override_charset).
	Override bool
	// Types are the media types besides text/html (charset_types); without any they are text/html, text/xml, text/plain,
	// text/vnd.wap.wml, application/javascript and application/rss+xml. "*" is all.
	Types []string
	// Asked is a charset that is wanted for one response in place of Name, whatever its type and whether it names one: what an
	// upstream said in X-Accel-Charset. Nil, or an answer that is empty or not among Known, is none.
	Asked filter.Value
	// Known are the charsets that the directives and maps of the configuration name.
	Known []string
	// Maps are all charset_map blocks of the configuration.
	Maps *Maps
}

// Filter is the Response hook.
type Filter struct {
	cfg   Config
	types *filter.Types
}

// New checks the configuration.
func New(cfg Config) (*Filter, error) {
	if cfg.Maps == nil {
		cfg.Maps = new(Maps)
	}
	from, to := cfg.Source, cfg.Name
	if from != "" && to != "" && cfg.Value == nil && cfg.SourceValue == nil && !strings.EqualFold(from, to) && cfg.Maps.find(from, to) == nil {
		return nil, fmt.Errorf("charset: no \"charset_map\" between the charsets \"%s\" and \"%s\"", from, to)
	}
	return &Filter{cfg, filter.NewTypes(cfg.Types, "text/html", "text/xml", "text/plain", "text/vnd.wap.wml", "application/javascript", "application/rss+xml")}, nil
}

// Changes tells whether ProcessResponse would recode a 200 of that type, or name a charset that each of several ranges has, so that
// the ranges are to be made behind it. A handler asks before it answers.
func (f *Filter) Changes(c *pipeline.Ctx, contentType string, _ int64) bool {
	s := filter.GetScratch()
	from, to := f.between(c, contentType, s)
	changes := from != "" && f.cfg.Maps.find(from, to) != nil ||
		to != "" && bytes.IndexByte(c.HeaderBytes(http1.Range), ',') >= 0 // the type of each part gets the charset
	s.Put()
	return changes
}

// off tells whether no charset is configured.
func (f *Filter) off() bool { return f.cfg.Name == "" && f.cfg.Value == nil }

// wanted tells whether a response of that Content-Type gets a charset.
func (f *Filter) wanted(contentType string) bool {
	switch {
	case contentType == "":
		return false
	case named(contentType) != "":
		return f.cfg.Override
	}
	return f.types.Has(contentType)
}

// target returns the charset that is wanted, empty for none. Values of variables are in s.
func (f *Filter) target(c *pipeline.Ctx, contentType string, s *filter.Scratch) string {
	if f.cfg.Asked != nil && contentType != "" {
		if s.B = f.cfg.Asked(c, s.B[:0]); len(s.B) > 0 {
			return f.known(string(s.B))
		}
	}
	switch {
	case f.off() || !f.wanted(contentType):
		return ""
	case f.cfg.Value == nil:
		return f.cfg.Name
	}
	s.B = f.cfg.Value(c, s.B[:0])
	return string(s.B)
}

// known returns name if it is that of a known charset.
func (f *Filter) known(name string) string {
	for _, k := range f.cfg.Known {
		if strings.EqualFold(k, name) {
			return name
		}
	}
	return ""
}

// between returns the charset that the response is in, empty when nobody says, and the one that is wanted, empty for none.
func (f *Filter) between(c *pipeline.Ctx, contentType string, s *filter.Scratch) (from, to string) {
	if to = f.target(c, contentType, s); to == "" {
		return "", ""
	}
	if from = named(contentType); from != "" {
		return from, to
	}
	if f.cfg.SourceValue == nil {
		return f.cfg.Source, to
	}
	s.B = f.cfg.SourceValue(c, s.B[:0])
	return string(s.B), to
}

// ProcessResponse names the charset, and recodes the body if it is in another one.
func (f *Filter) ProcessResponse(c *pipeline.Ctx) error {
	contentType := c.Res().ContentType
	s := filter.GetScratch()
	from, to := f.between(c, contentType, s)
	s.Put()
	if to == "" {
		return nil
	}
	if from == "" || strings.EqualFold(from, to) {
		name(c, to)
		return nil
	}
	t := f.cfg.Maps.find(from, to)
	if t == nil || c.ResponseHeader("Content-Encoding") != "" {
		return nil
	}
	name(c, to)
	if c.Res().Length() != 0 && c.Res().Status != 206 {
		recodeBody(c, t)
	}
	return nil
}

// recodeBody puts the body through a table.
func recodeBody(c *pipeline.Ctx, t *table) {
	if t.single == nil {
		c.DelHeader("Content-Length")
		c.DelHeader("Accept-Ranges")
	}
	if filter.InPlace(c, filter.InlineMax) {
		s := filter.GetScratch()
		parts := c.Res().Parts()
		r := recoder{table: t}
		for i := range parts {
			s.B = r.recode(s.B, parts[i].Bytes)
		}
		s.B = r.finish(s.B)
		c.ReplaceBody(s.B)
		s.Put()
		return
	}
	c.DelHeader("Accept-Ranges") // ranges are cut of what is in memory
	length := c.Res().Length()
	if c.Res().Stream() != nil {
		length = c.Res().StreamLength()
	}
	filter.Streamed(c)
	c.FilterStream(func(wire io.Writer) pipeline.StreamFilter { return &stream{recoder: recoder{table: t}, wire: wire} })
	if t.single != nil && length >= 0 {
		c.SetStreamLength(length) // byte by byte
	}
}

// named returns the charset that a Content-Type names, without quotes.
func named(contentType string) string {
	for {
		i := strings.IndexByte(contentType, ';')
		if i < 0 {
			return ""
		}
		contentType = strings.TrimLeft(contentType[i+1:], " ")
		if n := len("charset="); len(contentType) > n && strings.EqualFold(contentType[:n], "charset=") {
			return strings.Trim(contentType[n:], `"`)
		}
	}
}

// name makes to the charset of the response; redirects lose theirs.
func name(c *pipeline.Ctx, to string) {
	contentType := c.Res().ContentType
	media := filter.MediaType(contentType)
	if media != contentType && named(contentType) == "" {
		return // NGINX adds nothing to what has parameters
	}
	var buf [160]byte
	b := append(buf[:0], media...)
	if c.Res().Status != 301 && c.Res().Status != 302 {
		b = append(append(b, "; charset="...), to...)
	}
	_ = c.SetHeaderBytes("Content-Type", b) // a name that would end the line is dropped
}
