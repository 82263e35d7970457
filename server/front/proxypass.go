package front

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/script"
)

// proxyPass compiles proxy_pass and its companions.
func (b *builder) proxyPass(s *scope, d *conf.Directive, m *conf.LocationMatch) (cfg proxy.Config, ok bool) {
	v := b.value(d, d.Args[0])
	p := &passTo{location: prefixOf(m), builder: b.dynamic(s)}
	if v.run != nil {
		cfg.Choose, cfg.URI = p.chooser(v), p.variableURI
		p.host = func(c *pipeline.Ctx, dst []byte) []byte { return append(dst, requestOf(c).pass.host...) }
		cfg.Host = p.host
	} else {
		host, uri, err := splitURL(v.text)
		if err != nil {
			b.fail(d, "%v", err)
			return cfg, false
		}
		if cfg.Upstream = b.upstreamOf(d, host, "80"); cfg.Upstream == nil {
			return cfg, false
		}
		p.uri = uri
		cfg.URI = p.appendURI
	}
	if t := s.text("proxy_http_version", "1.1"); t == "1.0" {
		cfg.HTTP10 = true
	} else if t == "2" {
		b.fail(s.one("proxy_http_version"), `"proxy_http_version 2" is not supported yet`)
	}
	if d := s.one("proxy_method"); d != nil {
		v := b.value(d, d.Args[0])
		cfg.Method = v.append
	}
	for _, d := range s.all("proxy_set_header") {
		cfg.Fields = append(cfg.Fields, b.field(d, d.Args[0], d.Args[1]))
	}
	if d := s.one("proxy_set_body"); d != nil {
		v := b.value(d, d.Args[0])
		cfg.Body = v.append
	}
	cfg.PassTrailers = s.on("proxy_pass_trailers", false)
	b.rewriters(s, &cfg, d, m, v)
	return cfg, true
}

// field compiles a field or a parameter of the request.
func (b *builder) field(d *conf.Directive, name, text string) proxy.Field {
	v := b.value(d, text)
	return proxy.Field{Name: name, Text: v.text, Value: v.run}
}

// prefixOf is the part of the path that the URI of proxy_pass takes the place of.
func prefixOf(m *conf.LocationMatch) string {
	if m == nil || m.Kind == conf.Regex || m.Kind == conf.RegexNoCase || m.Kind == conf.NamedLocation {
		return ""
	}
	return m.Text
}

// splitURL splits "http://host:port/uri"; https is for later.
func splitURL(text string) (host, uri string, err error) {
	switch {
	case len(text) > 7 && strings.EqualFold(text[:7], "http://"):
		text = text[7:]
	case len(text) > 8 && strings.EqualFold(text[:8], "https://"):
		return "", "", fmt.Errorf("https protocol is not supported yet")
	default:
		return "", "", fmt.Errorf("invalid URL prefix")
	}
	if strings.HasPrefix(text, "unix:") {
		path, uri, _ := strings.Cut(text[5:], ":")
		return "unix:" + path, uri, nil
	}
	end := strings.IndexAny(text, "/?")
	if end < 0 {
		return text, "", nil
	}
	host, uri = text[:end], text[end:]
	if uri[0] == '?' {
		uri = "/" + uri
	}
	return host, uri, nil
}

// passTo appends the target of requests to an upstream.
type passTo struct {
	uri      string // of proxy_pass; empty when it has none
	location string // what uri takes the place of
	host     proxy.Value
	builder  *dynamic
}

// appendURI appends the target as NGINX makes it (ngx_http_proxy_create_request): the client's own, unless the URI was changed or
// another one takes the place of the location.
func (p *passTo) appendURI(c *pipeline.Ctx, dst []byte) []byte {
	r := requestOf(c)
	if p.uri == "" && !script.Changed(c) && !(r.sub && r.internal) {
		return appendTarget(c, dst)
	}
	path := c.PathView()
	if p.uri != "" && !r.kept && !strings.HasPrefix(r.loc.name, "@") {
		dst = append(dst, p.uri...)
		path = path[min(len(p.location), len(path)):]
	}
	if r.internal || bytes.IndexByte(c.Head.Path.Of(c.HeadBytes()), '%') >= 0 {
		dst = appendEscaped(dst, path)
	} else {
		dst = append(dst, path...)
	}
	if args := r.args(); len(args) > 0 {
		dst = append(append(dst, '?'), args...)
	}
	return dst
}

// appendTarget appends path and query as the client sent them.
func appendTarget(c *pipeline.Ctx, dst []byte) []byte {
	h, head := &c.Head, c.HeadBytes()
	if h.Path.Empty() {
		dst = append(dst, '/')
	}
	dst = append(dst, h.Path.Of(head)...)
	if h.HasQuery {
		dst = append(append(dst, '?'), h.Query.Of(head)...)
	}
	return dst
}

// passState is what a proxy_pass with variables came to for a request. host and uri are parts of text, which stays until the next
// one.
type passState struct {
	text      []byte
	host, uri string
}

// variableURI appends the target of a proxy_pass with variables: what it says, or the client's when it ends with the host.
func (p *passTo) variableURI(c *pipeline.Ctx, dst []byte) []byte {
	if s := &requestOf(c).pass; s.uri != "" {
		return append(dst, s.uri...)
	}
	return p.appendURI(c, dst)
}

// chooser finds the group of each request.
func (p *passTo) chooser(v value) func(c *pipeline.Ctx) (*proxy.Upstream, error) {
	return func(c *pipeline.Ctx) (*proxy.Upstream, error) {
		r := requestOf(c)
		r.pass.text = v.append(c, r.pass.text[:0])
		text := view(r.pass.text)
		host, uri, err := splitURL(text)
		if err != nil {
			r.Log("error", fmt.Sprintf("%v in \"%s\"", err, text))
			return nil, &statusErrors[500]
		}
		r.pass.host, r.pass.uri = strings.TrimSuffix(host, ":80"), uri
		return p.builder.find(c, host, "80")
	}
}
