package front

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/addition"
	"github.com/wheelpit/wheelpit/server/charset"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/ssi"
	"github.com/wheelpit/wheelpit/server/sub"
)

// sub compiles sub_filter, nil when there is none.
func (b *builder) sub(s *scope) *sub.Filter {
	lines := s.all("sub_filter")
	if len(lines) == 0 {
		return nil
	}
	cfg := sub.Config{
		Every: !s.on("sub_filter_once", true), Types: words(s.all("sub_filter_types")), LastModified: s.on("sub_filter_last_modified", false),
	}
	for _, d := range lines {
		var p sub.Pair
		p.Match, p.MatchValue = b.text(d, d.Args[0])
		p.Text, p.Value = b.text(d, d.Args[1])
		cfg.Pairs = append(cfg.Pairs, p)
	}
	f, err := sub.New(cfg)
	b.check(lines[0], err)
	return f
}

// addition compiles add_before_body and add_after_body, nil when there are none.
func (b *builder) addition(s *scope) *addition.Filter {
	before, after := s.text("add_before_body", ""), s.text("add_after_body", "")
	if before == "" && after == "" {
		return nil
	}
	f, err := addition.New(addition.Config{Before: before, After: after, Types: words(s.all("addition_types")), Subrequest: ask})
	b.check(s.block, err)
	return f
}

// ssi compiles ssi and its companions.
func (b *builder) ssi(s *scope) *ssi.Filter {
	table := b.table
	f, err := ssi.New(ssi.Config{
		Types: words(s.all("ssi_types")), SilentErrors: s.on("ssi_silent_errors", false),
		ValueLength: int(s.number("ssi_value_length", 255)), LastModified: s.on("ssi_last_modified", false),
		Start: askAlong, Subrequest: askInMemory, Waits: func(c *pipeline.Ctx) { requestOf(c).yield() },
		Variable: func(c *pipeline.Ctx, name string, dst []byte) ([]byte, bool) { return table.AppendNamed(c, dst, name) },
		Log:      func(c *pipeline.Ctx, text string) { requestOf(c).Log("error", text) },
	})
	b.check(s.one("ssi"), err)
	return f
}

// charset compiles charset and its companions, nil when no charset is named anywhere.
func (b *builder) charset(s *scope) *charset.Filter {
	d, source := s.one("charset"), s.one("source_charset")
	if len(b.charsets) == 0 && d == nil && source == nil {
		return nil
	}
	cfg := charset.Config{
		Override: s.on("override_charset", false), Types: words(s.all("charset_types")), Maps: b.charsetMaps, Known: b.charsets,
		Asked: func(c *pipeline.Ctx, dst []byte) []byte { return append(dst, requestOf(c).charset...) },
	}
	if d != nil && d.Args[0] != "off" {
		cfg.Name, cfg.Value = b.text(d, b.charsetName(d.Args[0]))
	}
	if source != nil && source.Args[0] != "off" {
		cfg.Source, cfg.SourceValue = b.text(source, source.Args[0])
	}
	f, err := charset.New(cfg)
	if d == nil {
		d = source
	}
	b.check(d, err)
	return f
}

// charsetName is the name of a charset as it is written where it is first named.
func (b *builder) charsetName(name string) string {
	for _, first := range b.charsets {
		if strings.EqualFold(first, name) {
			return first
		}
	}
	return name
}

// charsetNames are the charsets that the directives of a block name, which X-Accel-Charset may choose from.
func charsetNames(list []string, block *conf.Directive) []string {
	for d := range block.Children() {
		switch d.Name {
		case "charset_map":
			list = append(list, d.Args...)
			continue
		case "charset", "source_charset":
			if d.Args[0] != "off" && !strings.Contains(d.Args[0], "$") {
				list = append(list, d.Args[0])
			}
		}
		list = charsetNames(list, d)
	}
	return list
}

// noteCharset is told what an upstream says in X-Accel-Charset. It stays the request's when another location answers in the end.
func (b *builder) noteCharset() func(c *pipeline.Ctx, name string) {
	known := b.charsets
	return func(c *pipeline.Ctx, name string) {
		r := requestOf(c)
		if r.charset = name; name != "" && !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
			r.Log("error", fmt.Sprintf("unknown charset \"%s\" to override", name))
		}
	}
}

// makeCharsets compiles charset_map.
func (b *builder) makeCharsets(s *scope) {
	b.charsets = charsetNames(nil, s.block)
	var list []charset.Map
	for _, d := range s.own["charset_map"] {
		m := charset.Map{From: d.Args[0], To: d.Args[1]}
		for e := range d.Children() {
			from, to := hexBytes(e.Name), hexBytes(strings.Join(e.Args, ""))
			if len(from) != 1 || len(to) == 0 {
				b.fail(e, `invalid value "%s"`, e.Name)
				continue
			}
			m.Entries = append(m.Entries, charset.Entry{From: from[0], To: to})
		}
		list = append(list, m)
	}
	maps, err := charset.NewMaps(list)
	if err != nil {
		b.errs = append(b.errs, err)
	}
	b.charsetMaps = maps
}

// hexBytes reads bytes in hexadecimal, nil when they are not.
func hexBytes(s string) (list []byte) {
	if len(s)%2 == 1 {
		s = "0" + s
	}
	for len(s) > 0 {
		var n byte
		if _, err := fmt.Sscanf(s[:2], "%02x", &n); err != nil {
			return nil
		}
		list, s = append(list, n), s[2:]
	}
	return list
}

// words are the arguments of all the directives.
func words(lines []*conf.Directive) (list []string) {
	for _, d := range lines {
		list = append(list, d.Args...)
	}
	return list
}
