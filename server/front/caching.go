package front

import (
	"fmt"
	"strconv"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/cache"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/static"
)

// zonesOpen are the zones of the process: those of a Runtime before stay when the next one has them, too.
var zonesOpen cache.Registry

// caching compiles proxy_cache and its companions; nil when there is none. name is the prefix of the directives.
func (b *builder) caching(s *scope, name string, cfg *proxy.Config) *proxy.Caching {
	d := s.one(name + "_cache")
	if d == nil || d.Args[0] == "off" || name == "memcached" {
		return nil
	}
	p := name + "_cache"
	k := &proxy.Caching{
		MinUses: int(s.number(p+"_min_uses", 1)), Lock: s.on(p+"_lock", false), LockTimeout: s.number(p+"_lock_timeout", 5000),
		LockAge: s.number(p+"_lock_age", 5000), Revalidate: s.on(p+"_revalidate", false), KeepHead: !s.on(p+"_convert_head", true),
		MaxRangeOffset: s.number(p+"_max_range_offset", -1), UseStale: proxy.StaleOn(b.conditions(s.one(p+"_use_stale"), 0) &^ proxy.Never),
		Bypass: b.values(s.all(p + "_bypass")), NoStore: b.values(s.all(name + "_no_cache")), Purge: b.values(s.all(p + "_purge")),
		Ignore: cacheIgnore(cfg.Ignore),
	}
	k.ZoneOf = b.zoneOf(d)
	b.cacheKey(s, d, name, cfg, k)
	b.cacheValid(s.all(p+"_valid"), k)
	for _, d := range s.all(p + "_methods") {
		for _, a := range d.Args {
			if a == "POST" {
				k.Methods = func(c *pipeline.Ctx) bool { return c.Head.Method == http1.MethodPost }
			}
		}
	}
	if s.on(p+"_background_update", false) {
		k.Update = (&updater{b.rt}).begin
	}
	return k
}

// values compiles the arguments of all lines.
func (b *builder) values(lines []*conf.Directive) (list []proxy.Value) {
	for _, d := range lines {
		for _, a := range d.Args {
			v := b.value(d, a)
			list = append(list, v.append)
		}
	}
	return list
}

// zoneOf finds the zone by its name.
func (b *builder) zoneOf(d *conf.Directive) func(c *pipeline.Ctx) (*cache.Zone, error) {
	v := b.value(d, d.Args[0])
	if v.run == nil {
		z := b.cacheZones[v.text]
		if z == nil {
			b.fail(d, `"%s" zone "%s" is unknown`, d.Name, v.text)
			return nil
		}
		return func(*pipeline.Ctx) (*cache.Zone, error) { return z.zone, nil }
	}
	zones := b.cacheZones
	return func(c *pipeline.Ctx) (*cache.Zone, error) {
		var buf [64]byte
		name := v.append(c, buf[:0])
		if len(name) == 0 || string(name) == "off" {
			return nil, nil
		}
		z := zones[string(name)]
		if z == nil {
			requestOf(c).Log("error", fmt.Sprintf(`cache "%s" not found`, name))
			return nil, &statusErrors[500]
		}
		return z.zone, nil
	}
}

// cacheKey compiles the key: by default scheme, host and target of the request to the upstream.
func (b *builder) cacheKey(s *scope, cacheLine *conf.Directive, name string, cfg *proxy.Config, k *proxy.Caching) {
	if d := s.one(name + "_cache_key"); d != nil {
		v := b.value(d, d.Args[0])
		k.Key = v.append
		return
	}
	if name != "proxy" {
		b.fail(cacheLine, `no "%s_cache_key" for "%s_cache"`, name, name)
		return
	}
	target := cfg.URI
	k.Key = func(c *pipeline.Ctx, dst []byte) []byte {
		dst = append(dst, "http://"...)
		dst, _ = proxyHost(c, dst)
		return target(c, dst)
	}
}

// cacheValid compiles proxy_cache_valid.
func (b *builder) cacheValid(lines []*conf.Directive, k *proxy.Caching) {
	for _, d := range lines {
		seconds, _ := d.Value.(int64)
		codes := d.Args[:len(d.Args)-1]
		if len(codes) == 0 {
			codes = []string{"200", "301", "302"}
		}
		for _, a := range codes {
			status, _ := strconv.Atoi(a) // 0 for any
			k.Valid = append(k.Valid, cache.ValidFor{Status: status, Seconds: seconds})
		}
	}
}

// cacheIgnore are the fields of proxy_ignore_headers that a cache heeds.
func cacheIgnore(set proxy.Ignored) (g cache.Ignore) {
	for _, p := range []struct {
		from proxy.Ignored
		to   cache.Ignore
	}{
		{proxy.IgnoreAccelExpires, cache.IgnoreAccelExpires}, {proxy.IgnoreExpires, cache.IgnoreExpires},
		{proxy.IgnoreCacheControl, cache.IgnoreCacheControl}, {proxy.IgnoreSetCookie, cache.IgnoreSetCookie}, {proxy.IgnoreVary, cache.IgnoreVary},
	} {
		if set&p.from != 0 {
			g |= p.to
		}
	}
	return g
}

// finishWhole makes the body of a whole 200: conditions and ranges are those of the client. Ranges of what a filter changes are
// made behind the filter.
func finishWhole(s *scope) func(c *pipeline.Ctx, w *proxy.Whole) error {
	opt := storedAs(s)
	return func(c *pipeline.Ctx, w *proxy.Whole) error {
		st := opt
		st.Modified, st.Size, st.Bytes, st.File, st.Offset = w.Modified, w.Size, w.Bytes, w.File, w.Offset
		if w.Live != nil {
			st.Live = w.Live
		}
		r := requestOf(c)
		st.Unconditional = r.sub
		if c.Head.Has(http1.Range) {
			r.limitRanges(&st, w)
		}
		if c.Head.Has(http1.IfNoneMatch) || c.Head.Has(http1.IfMatch) || c.Head.Has(http1.IfRange) {
			st.ETag = c.ResponseHeader("ETag")
		}
		return st.Answer(c)
	}
}

// plainPlace is where a request is whose response is what all requests there get; see proxy.Config.Plain.
func plainPlace(c *pipeline.Ctx) any {
	if r := requestOf(c); !r.sub && !r.closing && r.status == 0 && r.contentType == "" {
		return r.loc
	}
	return nil
}

// storedAs compiles what max_ranges and if_modified_since say of stored answers.
func storedAs(s *scope) static.Stored {
	opt := static.Stored{Both: true, MaxRanges: int(s.number("max_ranges", 0))}
	if d := s.one("max_ranges"); d != nil && opt.MaxRanges == 0 {
		opt.MaxRanges = -1
	}
	switch s.text("if_modified_since", "exact") {
	case "off":
		opt.Since = static.Off
	case "before":
		opt.Since = static.Before
	}
	return opt
}

// limitRanges says how many ranges of a whole can be sent.
func (r *request) limitRanges(st *static.Stored, w *proxy.Whole) {
	c := r.c
	switch {
	case r.sub || w.Size < 0 || c.ResponseHeader("Accept-Ranges") != "bytes":
		st.MaxRanges = -1
	case len(r.loc.changers) > 0 && r.loc.changes(c, c.Res().ContentType, w.Size):
		st.MaxRanges, r.ranged = -1, true
	case !w.Kept && st.MaxRanges >= 0:
		st.MaxRanges = 1
	}
}
