package front

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/filter"
	"github.com/wheelpit/wheelpit/server/proxy"
)

// gateway compiles what passes the requests of a block on; nil when it does not.
func (b *builder) gateway(s *scope, m *conf.LocationMatch) *gate {
	for _, p := range []struct {
		name    string
		compile func(s *scope, d *conf.Directive, m *conf.LocationMatch) (proxy.Config, bool)
	}{{"proxy", b.proxyPass}, {"fastcgi", b.fastcgiPass}, {"uwsgi", b.uwsgiPass}, {"scgi", b.scgiPass}, {"memcached", b.memcachedPass}} {
		d := first(s.own[p.name+"_pass"])
		if d == nil {
			continue
		}
		cfg, ok := p.compile(s, d, m)
		if !ok {
			return nil
		}
		if p.name == "proxy" {
			b.healthChecks(s, cfg.Upstream)
		} else {
			b.healthChecks(s, nil)
		}
		b.common(s, p.name, &cfg)
		h, err := proxy.New(cfg)
		if b.check(d, err); err != nil {
			return nil
		}
		g := &gate{h: h, memory: int64(cfg.BodyBuffer), stream: cfg.StreamRequest || cfg.InFile >= proxy.Always, ranges: cfg.ForceRanges,
			typed: cfg.Protocol == proxy.Memcached}
		if cfg.Upstream != nil {
			g.host = cfg.Upstream.Host
		}
		return g
	}
	b.healthChecks(s, nil)
	return nil
}

// gate is the content of a location that passes requests on.
type gate struct {
	h      *proxy.Handler
	memory int64 // the longest body that is awaited on the reactor
	stream bool
	ranges bool   // of answers whatever they say
	typed  bool   // by the target, as a file is: the answers have no type
	host   string // $proxy_host, when it is the same for all
}

// pass passes the request on; see proxy.Handler.Serve.
func (g *gate) pass(r *request) error {
	c := r.c
	if _, here := c.BodyInMemory(); !here && c.Head.Length != 0 && !c.OnWorker() {
		if n := c.Head.Length; n > 0 && n <= g.memory && !g.stream {
			return errNeedBody
		}
		return pipeline.ErrOffload
	}
	r.bodyRead, r.passed = true, true
	if c.Head.ExpectsContinue() && !r.sub && !r.bodyDropped {
		r.carrier.Continue()
	}
	r.yield()
	err := g.h.Serve(c)
	switch e := err.(type) {
	case nil, *pipeline.Error:
	case *proxy.AccelRedirect:
		return r.accelRedirect(e.URI)
	default:
		return err
	}
	if err == nil {
		r.contentType = "" // of an answer whose X-Accel-Redirect led here
		if g.typed {
			c.Res().ContentType = r.loc.types.Lookup(c.PathView())
		}
		if g.ranges && c.Res().Status == 200 {
			r.noteRange()
		}
		return nil
	}
	r.passed = false
	if errors.Is(err, pipeline.ErrBodyTooLarge) {
		r.dropBody()
	}
	var e *pipeline.Error
	if errors.As(err, &e) && e.Status > 0 && e.Status < len(statusErrors) && e.ContentRange == "" {
		return &statusErrors[e.Status] // the log has been told
	}
	return err
}

// noteRange tells that one range of the answer may be asked for, whatever filters make of its framing.
func (r *request) noteRange() {
	r.oneRange, r.bodySize = true, r.c.Res().Length()
	if r.c.Res().Stream() != nil {
		r.bodySize = r.c.Res().StreamLength()
	}
}

// accelRedirect goes where X-Accel-Redirect leads: as a request of the server's own.
func (r *request) accelRedirect(uri string) error {
	r.passed = false
	r.contentType = r.c.Res().ContentType
	if strings.HasPrefix(uri, "@") {
		return r.redirectNamed(uri[1:])
	}
	path, args, ok := filter.SafeURI(uri)
	if !ok || path[0] != '/' {
		return pipeline.ErrNotFound
	}
	r.methodGet()
	return r.redirect([]byte(path), []byte(args))
}

// common compiles what all protocols have; name is the prefix of their directives.
func (b *builder) common(s *scope, name string, cfg *proxy.Config) {
	p := name + "_"
	cfg.ConnectTimeout, cfg.SendTimeout = atOnce(s.number(p+"connect_timeout", 60000)), atOnce(s.number(p+"send_timeout", 60000))
	cfg.ReadTimeout = atOnce(s.number(p+"read_timeout", 60000))
	cfg.BufferSize = int(s.number(p+"buffer_size", 4096))
	buffers := conf.Buffers{Number: 8, Size: 4096}
	if d := s.one(p + "buffers"); d != nil {
		buffers, _ = d.Value.(conf.Buffers)
	}
	cfg.Buffers = int(buffers.Number * buffers.Size)
	cfg.Unbuffered, cfg.StreamRequest = !s.on(p+"buffering", name != "memcached"), !s.on(p+"request_buffering", true)
	cfg.MaxTempFile = s.number(p+"max_temp_file_size", 1<<30)
	cfg.TempDir, cfg.TempLevels = b.tempDir(s, p+"temp_path", name+"_temp"), tempLevels(s, p+"temp_path")
	cfg.BodyBuffer = int(s.number("client_body_buffer_size", 16<<10))
	cfg.BodyDir, cfg.BodyLevels = b.tempDir(s, "client_body_temp_path", "client_body_temp"), tempLevels(s, "client_body_temp_path")
	if b.nameBodies {
		cfg.InFile = proxy.IfLarger
	}
	switch s.text("client_body_in_file_only", "off") {
	case "on":
		cfg.InFile = proxy.Always
	case "clean":
		cfg.InFile = proxy.AlwaysAndEnd
	}
	cfg.IgnoreClientAbort = s.on(p+"ignore_client_abort", false)
	cfg.SocketKeepAlive = s.on(p+"socket_keepalive", false)
	cfg.ReceiveBuffer, cfg.SendBuffer = int(s.number(p+"socket_rcvbuf", 0)), int(s.number(p+"socket_sndbuf", 0))
	cfg.DropFields, cfg.DropBody = !s.on(p+"pass_request_headers", true), !s.on(p+"pass_request_body", true)
	cfg.Next = b.conditions(s.one(p+"next_upstream"), proxy.OnError|proxy.OnTimeout)
	cfg.Tries, cfg.NextTimeout = int(s.number(p+"next_upstream_tries", 0)), milliseconds(s.number(p+"next_upstream_timeout", 0))
	cfg.Hide, cfg.Pass = words(s.all(p+"hide_header")), words(s.all(p+"pass_header"))
	cfg.Ignore = ignored(s.all(p + "ignore_headers"))
	cfg.ForceRanges = s.on(p+"force_ranges", false)
	if d := s.one(p + "limit_rate"); d != nil {
		cfg.LimitRate = b.rateValue(d)
	}
	b.bind(s.one(p+"bind"), cfg)
	b.store(s, p, cfg)
	if s.on(p+"intercept_errors", false) {
		cfg.Intercept = func(c *pipeline.Ctx, status int) bool { return requestOf(c).loc.pageFor(status) != nil }
	}
	if name == "memcached" {
		cfg.Intercept = func(*pipeline.Ctx, int) bool { return false }
	}
	if cfg.Cache = b.caching(s, name, cfg); cfg.Cache != nil {
		cfg.Finish, cfg.Plain = finishWhole(s), plainPlace
	}
	if name == "proxy" {
		cfg.EarlyHints = anyOf(b.values(s.all("early_hints")))
	}
	cfg.SetRate = func(c *pipeline.Ctx, n int64) { requestOf(c).SetLimitRate(n) }
	cfg.SetCharset = b.noteCharset()
	cfg.Log = func(c *pipeline.Ctx, level, text, upstream string) { requestOf(c).logUpstream(level, text, upstream) }
}

// anyOf tells whether any of the values is neither empty nor "0", as NGINX reads a list of conditions; nil when there are none.
func anyOf(list []proxy.Value) func(c *pipeline.Ctx) bool {
	if len(list) == 0 {
		return nil
	}
	return func(c *pipeline.Ctx) bool {
		var buf [64]byte
		for _, v := range list {
			if text := v(c, buf[:0]); len(text) > 0 && string(text) != "0" {
				return true
			}
		}
		return false
	}
}

// rateValue compiles a size that may hold variables.
func (b *builder) rateValue(d *conf.Directive) proxy.Value {
	v := b.value(d, d.Args[0])
	return func(c *pipeline.Ctx, dst []byte) []byte {
		at := len(dst)
		dst = v.append(c, dst)
		n, _ := conf.ParseSize(string(dst[at:]))
		return http1.AppendUint(dst[:at], uint64(max(n, 0)))
	}
}

// bind compiles where connections come from.
func (b *builder) bind(d *conf.Directive, cfg *proxy.Config) {
	if d == nil || d.Args[0] == "off" {
		return
	}
	cfg.Transparent = len(d.Args) > 1
	v := b.value(d, d.Args[0])
	cfg.LocalValue = v.append
}

// store compiles proxy_store and its like: the file that the URI means, or a path with variables.
func (b *builder) store(s *scope, prefix string, cfg *proxy.Config) {
	d := s.one(prefix + "store")
	if d == nil || d.Args[0] == "off" {
		return
	}
	if c := s.one(prefix + "cache"); c != nil && c.Args[0] != "off" && len(s.own[prefix+"cache"])*len(s.own[prefix+"store"]) > 0 {
		b.fail(d, `"%sstore" directive is incompatible with "%scache"`, prefix, prefix)
	}
	cfg.StoreAccess = uint32(s.number(prefix+"store_access", 0o600))
	if d.Args[0] == "on" {
		cfg.StoreTo = func(c *pipeline.Ctx, dst []byte) []byte { return requestOf(c).AppendFilename(c, dst) }
		return
	}
	v := b.value(d, d.Args[0])
	cfg.StoreTo = v.append
}

// tempDir is the directory of temporary files that a directive names, and notes that it is used.
func (b *builder) tempDir(s *scope, name, def string) string {
	if dir := b.opt.TempDirs[def]; dir != "" {
		def = dir
	}
	dir := b.path(s.text(name, def))
	if !slices.Contains(b.tempDirs, dir) {
		b.tempDirs = append(b.tempDirs, dir)
	}
	return dir
}

// tempLevels are the levels that such a directive names.
func tempLevels(s *scope, name string) (levels proxy.TempLevels) {
	if d := s.one(name); d != nil {
		for _, a := range d.Args[1:] {
			n, _ := strconv.Atoi(a) // it was checked
			levels = append(levels, n)
		}
	}
	return levels
}

var nextWords = map[string]proxy.Condition{
	"error": proxy.OnError, "timeout": proxy.OnTimeout, "invalid_header": proxy.OnInvalidHeader, "invalid_response": proxy.OnInvalidHeader,
	"not_found": proxy.On404, "updating": proxy.OnUpdating,
	"http_500": proxy.On500, "http_502": proxy.On502, "http_503": proxy.On503, "http_504": proxy.On504, "http_403": proxy.On403,
	"http_404": proxy.On404, "http_429": proxy.On429, "non_idempotent": proxy.NonIdempotent, "off": proxy.Never,
}

// conditions is the set that a directive names.
func (b *builder) conditions(d *conf.Directive, def proxy.Condition) (set proxy.Condition) {
	if d == nil {
		return def
	}
	for _, a := range d.Args {
		set |= nextWords[a]
	}
	return set
}

var ignoreWords = map[string]proxy.Ignored{
	"x-accel-redirect": proxy.IgnoreAccelRedirect, "x-accel-expires": proxy.IgnoreAccelExpires, "x-accel-limit-rate": proxy.IgnoreAccelLimitRate,
	"x-accel-buffering": proxy.IgnoreAccelBuffering, "x-accel-charset": proxy.IgnoreAccelCharset, "expires": proxy.IgnoreExpires,
	"cache-control": proxy.IgnoreCacheControl, "set-cookie": proxy.IgnoreSetCookie, "vary": proxy.IgnoreVary,
}

func ignored(lines []*conf.Directive) (set proxy.Ignored) {
	for _, a := range words(lines) {
		set |= ignoreWords[strings.ToLower(a)]
	}
	return set
}

// logUpstream writes a line about the upstream to the error log of the location.
func (r *request) logUpstream(level, text, upstream string) {
	r.upstream = upstream
	r.Log(level, text)
	r.upstream = ""
}
