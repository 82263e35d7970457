package front

import (
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// sticky gives an upstream what its requests do for the directive.
func (b *builder) sticky(d *conf.Directive, cfg *upstream.StickyConfig, u *proxy.Upstream) {
	u.StickyOf = b.firstOf(d, cfg.Lookup)
	switch cfg.Kind {
	case upstream.StickyCookie:
		domain, sameSite := b.inCookie(d, cfg.Domain), b.inCookie(d, cfg.SameSite)
		u.Answered = func(a *proxy.Answer) {
			v := a.Group.AppendCookie(nil, a.Peer, domain(a.Ctx), sameSite(a.Ctx), time.Now().UnixMilli())
			if len(v) > 0 {
				_ = a.Ctx.AddHeaderBytes("Set-Cookie", v)
			}
		}
	case upstream.StickyLearn:
		create := b.firstOf(d, cfg.Create)
		u.Answered = func(a *proxy.Answer) { a.Session = create(a.Ctx, nil) }
	}
}

// inCookie is an attribute of the cookie as each request has it; nil when it has no variables, and the group knows it.
func (b *builder) inCookie(d *conf.Directive, text string) func(c *pipeline.Ctx) []byte {
	if !strings.Contains(text, "$") {
		return func(*pipeline.Ctx) []byte { return nil }
	}
	v := b.value(d, text)
	return func(c *pipeline.Ctx) []byte { return v.append(c, []byte{}) }
}

// firstOf appends the first of several variables that is not empty.
func (b *builder) firstOf(d *conf.Directive, texts []string) proxy.Value {
	list := make([]value, len(texts))
	for i, t := range texts {
		list[i] = b.value(d, t)
	}
	return func(c *pipeline.Ctx, dst []byte) []byte {
		at := len(dst)
		for i := range list {
			if dst = list[i].append(c, dst); len(dst) > at {
				break
			}
		}
		return dst
	}
}
