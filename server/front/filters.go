package front

import (
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/brotli"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/filter"
	"github.com/wheelpit/wheelpit/server/gunzip"
	"github.com/wheelpit/wheelpit/server/gzip"
	"github.com/wheelpit/wheelpit/server/headers"
	"github.com/wheelpit/wheelpit/server/zstd"
)

// changer is a filter that may change the body, so that no ranges of it can be sent.
type changer interface {
	pipeline.ResponseHook
	Changes(c *pipeline.Ctx, contentType string, length int64) bool
}

// filters compiles what changes the responses of a block, in the order of filter.Order.
func (b *builder) filters(s *scope, l *location) {
	if l.guards.slice != nil {
		joined := &joiner{filter: l.guards.slice, stored: storedAs(s)}
		l.filters = append(l.filters, hook{fn: joined.ProcessResponse})
	}
	if h := b.headers(s); h != nil {
		l.filters = append(l.filters, hook{fn: h.ProcessResponse})
		if h.Validates() {
			l.changers = append(l.changers, validator{h})
		}
	}
	if l.guards.uid != nil {
		l.filters = append(l.filters, hook{fn: l.guards.uid.ProcessResponse})
	}
	if s.on("gunzip", false) {
		h := gunzip.New(gunzip.Config{Vary: s.on("gzip_vary", false), Clients: b.clients(s)})
		l.filters = append(l.filters, hook{fn: h.ProcessResponse})
	}
	if len(s.own["flv"]) > 0 {
		l.changers = append(l.changers, seeker{})
	}
	if h := b.addition(s); h != nil {
		l.change(h)
	}
	if h := b.sub(s); h != nil {
		l.change(h)
	}
	if h := b.xslt(s); h != nil {
		l.change(h)
	}
	if h := b.charset(s); h != nil {
		l.change(h)
	}
	if s.on("ssi", false) {
		l.change(b.ssi(s))
	}
	if s.on("brotli", false) {
		l.change(b.coding(s, "brotli", func() (*filter.Coding, error) {
			return brotli.New(brotli.Config{
				Level: int(s.number("brotli_comp_level", brotli.DefaultLevel)), Types: words(s.all("brotli_types")),
				MinLength: s.number("brotli_min_length", brotli.DefaultMinLength), Vary: s.on("gzip_vary", false), Ratio: true,
			})
		}))
	}
	if s.on("zstd", false) {
		l.change(b.coding(s, "zstd", func() (*filter.Coding, error) {
			return zstd.New(zstd.Config{
				Level: int(s.number("zstd_comp_level", 1)), Types: words(s.all("zstd_types")),
				MinLength: s.number("zstd_min_length", zstd.DefaultMinLength), Vary: s.on("gzip_vary", false), Ratio: true,
			})
		}))
	}
	if s.on("gzip", false) {
		l.change(b.coding(s, "gzip", func() (*filter.Coding, error) {
			return gzip.New(gzip.Config{
				Level: int(s.number("gzip_comp_level", 1)), Types: words(s.all("gzip_types")),
				MinLength: s.number("gzip_min_length", gzip.DefaultMinLength), Vary: s.on("gzip_vary", false),
				Clients: b.clients(s), Ratio: true,
			})
		}))
	}
}

// validator is a filter that changes Last-Modified or ETag: ranges are to be made behind it.
type validator struct{ pipeline.ResponseHook }

// Changes tells whether what the filter sets matters to the request.
func (validator) Changes(c *pipeline.Ctx, _ string, _ int64) bool { return c.Head.Has(http1.IfRange) }

// change adds a filter that may change bodies.
func (l *location) change(h changer) {
	l.filters = append(l.filters, hook{fn: h.ProcessResponse})
	l.changers = append(l.changers, h)
}

// changes tells whether a filter would change a file of that type and length.
func (l *location) changes(c *pipeline.Ctx, contentType string, length int64) bool {
	for _, h := range l.changers {
		if h.Changes(c, contentType, length) {
			return true
		}
	}
	return false
}

// coding compiles a compressing filter; blocks that say the same share it and what it keeps.
func (b *builder) coding(s *scope, name string, make func() (*filter.Coding, error)) *filter.Coding {
	key := name
	for _, n := range [...]string{"", "_types", "_comp_level", "_min_length"} {
		key += fmt.Sprintf(" %p", s.one(name+n))
	}
	for _, n := range [...]string{"gzip_vary", "gzip_http_version", "gzip_proxied", "gzip_disable"} {
		key += fmt.Sprintf(" %p", s.one(n))
	}
	return shared(b, key, func() *filter.Coding {
		f, err := make()
		b.check(s.one(name), err)
		return f
	})
}

var proxied = map[string]filter.Proxied{
	"expired": filter.ProxiedExpired, "no-cache": filter.ProxiedNoCache, "no-store": filter.ProxiedNoStore, "private": filter.ProxiedPrivate,
	"no_last_modified": filter.ProxiedNoLastModified, "no_etag": filter.ProxiedNoETag, "auth": filter.ProxiedAuth, "any": filter.ProxiedAny,
}

// clients compiles the conditions of gzip on a request.
func (b *builder) clients(s *scope) (k filter.Clients) {
	for _, w := range words(s.all("gzip_proxied")) {
		k.Proxied |= proxied[w]
	}
	k.HTTP10 = s.text("gzip_http_version", "1.1") == "1.0"
	var list []func([]byte) (bool, error)
	for _, d := range s.all("gzip_disable") {
		for _, a := range d.Args {
			if a == "msie6" {
				k.MSIE6 = true
				continue
			}
			re, err := b.table.Regex(a, true)
			if b.check(d, err); err == nil {
				list = append(list, re.Match)
			}
		}
	}
	if len(list) > 0 {
		k.Disable = func(agent []byte) bool {
			for _, match := range list {
				if found, err := match(agent); found && err == nil {
					return true
				}
			}
			return false
		}
	}
	return k
}

// headers compiles add_header, add_trailer and expires, nil when there are none.
func (b *builder) headers(s *scope) *headers.Filter {
	var cfg headers.Config
	cfg.Fields, cfg.Trailers = b.fields(s.inherited("add_header", "add_header_inherit")), b.fields(s.inherited("add_trailer", "add_trailer_inherit"))
	d := s.one("expires")
	if d != nil {
		cfg.Expires = b.expires(d)
	}
	if len(cfg.Fields)+len(cfg.Trailers) == 0 && cfg.Expires.Kind == headers.Off {
		return nil
	}
	h, err := headers.New(cfg)
	if err != nil {
		b.errs = append(b.errs, err)
		return nil
	}
	return h
}

func (b *builder) fields(lines []*conf.Directive) (list []headers.Field) {
	for _, d := range lines {
		f := headers.Field{Name: d.Args[0], Always: len(d.Args) > 2}
		f.Text, f.Value = b.text(d, strings.TrimRight(d.Args[1], "\r\n")) // a field ends with its line
		list = append(list, f)
	}
	return list
}

// text compiles a text for a feature that takes one without variables apart.
func (b *builder) text(d *conf.Directive, text string) (string, filter.Value) {
	v := b.value(d, text)
	if v.run == nil {
		return v.text, nil
	}
	return "", v.run
}

func (b *builder) expires(d *conf.Directive) headers.Expires {
	modified := len(d.Args) == 2
	text, run := b.text(d, d.Args[len(d.Args)-1])
	if run != nil {
		kind := headers.Access
		if modified {
			kind = headers.Modified
		}
		return headers.Expires{Kind: kind, Value: run}
	}
	e, err := headers.ParseExpires(text, modified)
	b.check(d, err)
	return e
}
