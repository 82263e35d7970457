package front

import (
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// stickyHooks are what a request does for a sticky group.
type stickyHooks struct {
	of       proxy.Value
	answered func(x *proxy.Answer)
}

// sticky compiles the directive; it needs the group, which is made later, so that is given to the hooks by each answer.
func (b *builder) sticky(s *scope, cfg *upstream.Config) (h stickyHooks) {
	if len(s.own["sticky"]) == 0 {
		return h
	}
	d := s.own["sticky"][0]
	sc := &upstream.StickyConfig{}
	cfg.Sticky = sc
	switch d.Args[0] {
	case "cookie":
		return b.stickyCookie(d, sc)
	case "route":
		sc.Kind = upstream.StickyRoute
		var list []value
		for _, a := range d.Args[1:] {
			list = append(list, b.value(d, a))
		}
		h.of = firstOf(list)
		return h
	case "learn":
		return b.stickyLearn(d, sc)
	}
	b.fail(d, `unknown parameter "%s"`, d.Args[0])
	return h
}

func (b *builder) stickyCookie(d *conf.Directive, sc *upstream.StickyConfig) (h stickyHooks) {
	sc.Kind = upstream.StickyCookie
	var domain, sameSite value
	for i, a := range d.Args[1:] {
		key, text, _ := strings.Cut(a, "=")
		switch {
		case i == 0:
			sc.Cookie = a
		case key == "expires" && text == "max":
			sc.Expires = time.Duration(1<<63 - 1)
		case key == "expires":
			n, ok := conf.ParseSec(text)
			if !ok {
				b.fail(d, `invalid "expires" parameter value`)
			}
			sc.Expires = time.Duration(n) * time.Second
		case key == "domain":
			if domain = b.value(d, text); domain.run == nil {
				sc.Domain = text
			}
		case key == "samesite":
			if sameSite = b.value(d, text); sameSite.run == nil {
				sc.SameSite = text
			}
		case key == "path":
			sc.Path = text
		case a == "httponly":
			sc.HTTPOnly = true
		case a == "secure":
			sc.Secure = true
		default:
			b.fail(d, `unknown parameter "%s"`, a)
		}
	}
	cookie := b.value(d, "$cookie_"+sc.Cookie)
	h.of = cookie.append
	h.answered = func(x *proxy.Answer) {
		var dom, same []byte
		if domain.run != nil {
			dom = domain.append(x.Ctx, []byte{})
		}
		if sameSite.run != nil {
			same = sameSite.append(x.Ctx, []byte{})
		}
		if v := x.Group.AppendCookie(nil, x.Peer, dom, same, time.Now().UnixMilli()); len(v) > 0 {
			_ = x.Ctx.AddHeaderBytes("Set-Cookie", v)
		}
	}
	return h
}

func (b *builder) stickyLearn(d *conf.Directive, sc *upstream.StickyConfig) (h stickyHooks) {
	sc.Kind = upstream.StickyLearn
	var create, lookup []value
	for _, a := range d.Args[1:] {
		key, text, _ := strings.Cut(a, "=")
		switch {
		case key == "create":
			create = append(create, b.value(d, text))
		case key == "lookup":
			lookup = append(lookup, b.value(d, text))
		case key == "zone":
			name, size, _ := strings.Cut(text, ":")
			n, ok := conf.ParseSize(size)
			if !ok || name == "" {
				b.fail(d, `invalid zone size "%s"`, text)
			}
			sc.Zone, sc.ZoneSize = name, int(n)
		case key == "timeout":
			ms, ok := conf.ParseMsec(text)
			if !ok {
				b.fail(d, `invalid timeout value "%s"`, text)
			}
			sc.Timeout = milliseconds(ms)
		case a == "header":
			sc.Header = true
		default:
			b.fail(d, `unknown parameter "%s"`, a)
		}
	}
	h.of = firstOf(lookup)
	find := firstOf(create)
	h.answered = func(x *proxy.Answer) { x.Session = find(x.Ctx, nil) }
	return h
}

// firstOf appends the first value that is not empty.
func firstOf(list []value) proxy.Value {
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
