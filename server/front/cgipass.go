package front

import (
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/script"
)

// fastcgiPass compiles fastcgi_pass and its companions.
func (b *builder) fastcgiPass(s *scope, d *conf.Directive, _ *conf.LocationMatch) (cfg proxy.Config, ok bool) {
	cfg.Protocol = proxy.FastCGI
	cfg.KeepConn = s.on("fastcgi_keep_conn", false)
	cfg.CatchStderr = words(s.all("fastcgi_catch_stderr"))
	return cfg, b.cgi(s, d, "fastcgi", "", &cfg)
}

// uwsgiPass compiles uwsgi_pass.
func (b *builder) uwsgiPass(s *scope, d *conf.Directive, _ *conf.LocationMatch) (cfg proxy.Config, ok bool) {
	cfg.Protocol = proxy.UWSGI
	cfg.Modifier1, cfg.Modifier2 = uint8(s.number("uwsgi_modifier1", 0)), uint8(s.number("uwsgi_modifier2", 0))
	cfg.PacketTail = s.text("uwsgi_string", "")
	return cfg, b.cgi(s, d, "uwsgi", "uwsgi://", &cfg)
}

// scgiPass compiles scgi_pass.
func (b *builder) scgiPass(s *scope, d *conf.Directive, _ *conf.LocationMatch) (cfg proxy.Config, ok bool) {
	cfg.Protocol = proxy.SCGI
	return cfg, b.cgi(s, d, "scgi", "scgi://", &cfg)
}

// cgi compiles where requests go and their parameters.
func (b *builder) cgi(s *scope, d *conf.Directive, name, scheme string, cfg *proxy.Config) bool {
	for _, p := range s.all(name + "_param") {
		f := b.field(p, p.Args[0], p.Args[1])
		if len(p.Args) > 2 {
			if p.Args[2] != "if_not_empty" {
				b.fail(p, `invalid parameter "%s"`, p.Args[2])
			}
			f.IfNotEmpty = true
		}
		cfg.Fields = append(cfg.Fields, f)
	}
	cfg.Fields = withHost(b, d, cfg.Fields)
	return b.target(s, d, scheme, cfg)
}

// withHost adds HTTP_HOST, as NGINX does since 1.29: the application must not see a Host that the server did not choose by.
func withHost(b *builder, d *conf.Directive, list []proxy.Field) []proxy.Field {
	for _, f := range list {
		if f.Name == "HTTP_HOST" {
			return list
		}
	}
	return append(list, b.field(d, "HTTP_HOST", "$host$is_request_port$request_port"))
}

// target finds the upstream of a directive that names an address.
func (b *builder) target(s *scope, d *conf.Directive, scheme string, cfg *proxy.Config) bool {
	v := b.value(d, d.Args[0])
	if v.run != nil {
		y := b.dynamic(s)
		cfg.Choose = func(c *pipeline.Ctx) (*proxy.Upstream, error) {
			host := strings.TrimPrefix(string(v.append(c, nil)), scheme)
			return y.find(c, host, "80")
		}
		return true
	}
	host := v.text
	if scheme != "" && len(host) > len(scheme) && strings.EqualFold(host[:len(scheme)], scheme) {
		host = host[len(scheme):]
	}
	if strings.HasPrefix(strings.ToLower(host), "suwsgi://") {
		b.fail(d, "suwsgi protocol is not supported yet")
		return false
	}
	cfg.Upstream = b.upstreamOf(d, host, "80")
	return cfg.Upstream != nil
}

// memcachedPass compiles memcached_pass.
func (b *builder) memcachedPass(s *scope, d *conf.Directive, _ *conf.LocationMatch) (cfg proxy.Config, ok bool) {
	cfg.Protocol = proxy.Memcached
	key := b.table.Lookup("memcached_key")
	cfg.Key = func(c *pipeline.Ctx, dst []byte) []byte {
		if key != nil {
			dst, _ = key.Append(c, dst)
		}
		return dst
	}
	cfg.GzipFlag = uint32(s.number("memcached_gzip_flag", 0))
	cfg.DropBody, cfg.DropFields = true, true
	return cfg, b.target(s, d, "memcached://", &cfg)
}

// cgiPaths are fastcgi_index and fastcgi_split_path_info of a location.
type cgiPaths struct {
	index value
	split *script.Regex
}

func (b *builder) cgiPaths(s *scope) *cgiPaths {
	index, split := s.one("fastcgi_index"), s.one("fastcgi_split_path_info")
	if index == nil && split == nil {
		return nil
	}
	p := &cgiPaths{}
	if index != nil {
		p.index = b.value(index, index.Args[0])
	}
	if split != nil {
		re, err := b.table.Regex(split.Args[0], false)
		b.check(split, err)
		if err == nil && re.Groups() != 2 {
			b.fail(split, `pattern "%s" must have 2 captures`, split.Args[0])
		}
		p.split = re
	}
	return p
}

// appendScriptName appends $fastcgi_script_name: the URI, its first part when it is split, with the index behind a slash.
func appendScriptName(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	p, uri := cgiPathsOf(c), c.PathView()
	if p == nil {
		return append(dst, uri...), true
	}
	if p.split != nil {
		if first, _, ok := p.split.Pair([]byte(uri)); ok {
			return append(dst, first...), true
		}
	}
	dst = append(dst, uri...)
	if strings.HasSuffix(uri, "/") {
		dst = p.index.append(c, dst)
	}
	return dst, true
}

// appendPathInfo appends $fastcgi_path_info: the second part of a URI that is split.
func appendPathInfo(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	p := cgiPathsOf(c)
	if p == nil || p.split == nil {
		return dst, true
	}
	if _, second, ok := p.split.Pair([]byte(c.PathView())); ok {
		return append(dst, second...), true
	}
	return dst, true
}

func cgiPathsOf(c *pipeline.Ctx) *cgiPaths {
	if r := requestOf(c); r.loc != nil {
		return r.loc.cgi
	}
	return nil
}
