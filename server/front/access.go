package front

import (
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/access"
	"github.com/wheelpit/wheelpit/server/authbasic"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/limit"
	"github.com/wheelpit/wheelpit/server/realip"
)

// check notes an error of a feature's constructor.
func (b *builder) check(d *conf.Directive, err error) {
	if err != nil {
		b.fail(d, "%s", forOperators(err))
	}
}

// forOperators is the text of a feature's error without the name of its package, which is for programmers.
func forOperators(err error) string {
	text := err.Error()
	if name, rest, ok := strings.Cut(text, ": "); ok && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz") == "" {
		return rest
	}
	return text
}

// logTo writes what a feature says of a request to the error log of its location.
func logTo(c *pipeline.Ctx, level slog.Level, message string) {
	name := "info"
	switch {
	case level >= 12:
		name = "crit"
	case level >= slog.LevelError:
		name = "error"
	case level >= slog.LevelWarn:
		name = "warn"
	case level >= 2:
		name = "notice"
	}
	r := requestOf(c)
	r.loc.log.write(r, name, message)
}

// accessHooks compiles the phases preaccess and access, in NGINX's order.
func (b *builder) accessHooks(s *scope) (list []hook) {
	if h := b.realIP(s); h != nil {
		list = append(list, hook{fn: h.ProcessRequest})
	}
	if h := b.limitReq(s); h != nil {
		list = append(list, hook{h.ProcessRequest, h.NeedsWorker()})
	}
	if h := b.limitConn(s); h != nil {
		list = append(list, hook{fn: h.ProcessRequest})
	}
	var checks []access.Check
	rules := b.rules(s)
	if rules != nil {
		checks = append(checks, rules)
	}
	auth := b.authBasic(s)
	if auth != nil {
		checks = append(checks, auth)
	}
	asked := b.authRequest(s)
	if asked != nil {
		checks = append(checks, asked)
	}
	any, delay := s.text("satisfy", "all") == "any", milliseconds(s.number("auth_delay", 0))
	if len(checks) > 0 && (any || delay > 0) {
		p, err := access.NewPhase(access.PhaseConfig{Checks: checks, Any: any, AuthDelay: delay, Log: logTo})
		if b.check(s.block, err); err != nil {
			return list
		}
		return append(list, hook{p.ProcessRequest, p.NeedsWorker()})
	}
	if rules != nil {
		list = append(list, hook{fn: rules.ProcessRequest})
	}
	if auth != nil {
		list = append(list, hook{auth.ProcessRequest, auth.NeedsWorker()})
	}
	if asked != nil {
		list = append(list, hook{asked.ProcessRequest, asked.NeedsWorker()})
	}
	return list
}

// mirrorHooks compiles what runs before the content, behind the access phase.
func (b *builder) mirrorHooks(s *scope) (list []hook) {
	if m := b.mirrors(s); m != nil {
		list = append(list, hook{m.ProcessRequest, m.NeedsWorker()})
	}
	return list
}

// logMirror is logTo for copies of requests that may be over.
func logMirror(c *pipeline.Ctx, level slog.Level, message string) {
	if c != nil {
		logTo(c, level, message)
	}
}

// rules compiles allow and deny: in their order, from the innermost block that has either.
func (b *builder) rules(s *scope) *access.Rules {
	for ; s != nil && s.block != nil; s = s.outer {
		if len(s.own["allow"])+len(s.own["deny"]) == 0 {
			continue
		}
		var list []access.Rule
		for d := range s.block.Children() {
			if d.Name == "allow" || d.Name == "deny" {
				list = append(list, access.Rule{Allow: d.Name == "allow", From: d.Args[0]})
			}
		}
		rules, err := access.New(list, access.Options{Log: logTo})
		b.check(s.block, err)
		return rules
	}
	return nil
}

// authBasic compiles auth_basic, nil when it is off.
func (b *builder) authBasic(s *scope) *authbasic.Auth {
	d, file := s.one("auth_basic"), s.one("auth_basic_user_file")
	if d == nil || d.Args[0] == "off" || file == nil {
		return nil
	}
	realm, name := b.value(d, d.Args[0]), b.value(file, file.Args[0])
	if name.run == nil {
		name.text = b.confPath(name.text)
	} else {
		name.run = b.confPathOf(name.run)
	}
	auth, err := authbasic.New(authbasic.Config{Realm: realm.append, UserFile: name.append, Log: logTo})
	b.check(d, err)
	return auth
}

// confPathOf makes a path with variables absolute.
func (b *builder) confPathOf(run pipeline.Value) pipeline.Value {
	prefix := strings.TrimSuffix(b.opt.ConfPrefix, "/") + "/"
	return func(c *pipeline.Ctx, dst []byte) []byte {
		at := len(dst)
		if dst = run(c, dst); len(dst) > at && dst[at] != '/' {
			dst = slices.Insert(dst, at, []byte(prefix)...)
		}
		return dst
	}
}

var levels = map[string]limit.Level{"error": limit.LevelError, "warn": limit.LevelWarn, "notice": limit.LevelNotice, "info": limit.LevelInfo}

// limitReq compiles limit_req, nil when there is none.
func (b *builder) limitReq(s *scope) *limit.Req {
	lines := s.all("limit_req")
	if len(lines) == 0 {
		return nil
	}
	cfg := limit.ReqConfig{
		Status: int(s.number("limit_req_status", 503)), Level: levels[s.text("limit_req_log_level", "error")],
		DryRun: s.on("limit_req_dry_run", false), Log: logTo,
	}
	for _, d := range lines {
		if l, ok := d.Value.(conf.LimitReq); ok {
			cfg.Limits = append(cfg.Limits, limit.ReqLimit{Zone: b.rt.zones.req[l.Zone], Burst: l.Burst, Delay: l.Delay, NoDelay: l.NoDelay})
		}
	}
	key := fmt.Sprintf("req %p %v %v %v", lines[0], cfg.Status, cfg.Level, cfg.DryRun)
	return shared(b, key, func() *limit.Req {
		h, err := limit.NewReq(cfg)
		b.check(lines[0], err)
		return h
	})
}

// limitConn compiles limit_conn, nil when there is none.
func (b *builder) limitConn(s *scope) *limit.Conn {
	lines := s.all("limit_conn")
	if len(lines) == 0 {
		return nil
	}
	cfg := limit.ConnConfig{
		Status: int(s.number("limit_conn_status", 503)), Level: levels[s.text("limit_conn_log_level", "error")],
		DryRun: s.on("limit_conn_dry_run", false), Log: logTo,
	}
	for _, d := range lines {
		if l, ok := d.Value.(conf.LimitConn); ok {
			cfg.Limits = append(cfg.Limits, limit.ConnLimit{Zone: b.rt.zones.conn[l.Zone], Number: l.Number})
		}
	}
	h, err := limit.NewConn(cfg)
	b.check(lines[0], err)
	return h
}

// realIP compiles set_real_ip_from, nil when there is none.
func (b *builder) realIP(s *scope) *realip.Hook {
	lines := s.all("set_real_ip_from")
	if len(lines) == 0 {
		return nil
	}
	cfg := realip.Config{Header: s.text("real_ip_header", "X-Real-IP"), Recursive: s.on("real_ip_recursive", false)}
	cfg.ProxyProtocol = proxiedSource
	for _, d := range lines {
		cfg.From = append(cfg.From, b.proxies(d)...)
	}
	h, err := realip.New(cfg)
	b.check(lines[0], err)
	return h
}

// proxies returns the addresses that a set_real_ip_from names; a name is looked up.
func (b *builder) proxies(d *conf.Directive) []string {
	text := d.Args[0]
	if p, ok := d.Value.(netip.Prefix); text == "unix:" || ok && p.IsValid() {
		return []string{text}
	}
	ips := addressesOf(text)
	if len(ips) == 0 {
		b.fail(d, `host not found in set_real_ip_from "%s"`, text)
	}
	return ips
}

// shared makes a part once for all blocks that inherit the same directives.
func shared[T any](b *builder, key string, make func() T) T {
	if x, ok := b.parts[key].(T); ok {
		return x
	}
	x := make()
	b.parts[key] = x
	return x
}
