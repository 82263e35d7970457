package front

import (
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/script"
)

// cookieRules change the attributes of cookies that an upstream sets.
type cookieRules struct {
	domains, paths []swap
	flags          []cookieFlags
}

// cookieFlags says what cookies of a name are given and what is taken from them.
type cookieFlags struct {
	name   value
	regex  *script.Regex
	values []value // secure, nosecure, samesite=strict …; or variables that become one of them
}

// attribute is a part of a cookie: "Path=/", or "Secure" without a value. The first is the name and value of the cookie.
type attribute struct {
	key, value string
	valued     bool
	gone       bool
}

// cookies compiles proxy_cookie_domain, proxy_cookie_path and proxy_cookie_flags.
func (b *builder) cookies(s *scope, cfg *proxy.Config) {
	k := &cookieRules{domains: b.cookieSwaps(s, "proxy_cookie_domain"), paths: b.cookieSwaps(s, "proxy_cookie_path")}
	for _, d := range s.all("proxy_cookie_flags") {
		if d.Args[0] == "off" {
			k.flags = nil
			break
		}
		k.flags = append(k.flags, b.cookieFlags(d))
	}
	if len(k.domains)+len(k.paths)+len(k.flags) > 0 {
		cfg.Cookie = k.rewrite
	}
}

// cookieSwaps compiles the lines of one directive.
func (b *builder) cookieSwaps(s *scope, name string) (list []swap) {
	for _, d := range s.all(name) {
		if d.Args[0] == "off" && len(d.Args) == 1 {
			return nil
		}
		if len(d.Args) != 2 {
			b.fail(d, `invalid parameter "%s"`, d.Args[0])
			continue
		}
		from, to := d.Args[0], d.Args[1]
		if name == "proxy_cookie_domain" {
			if expr, ok := strings.CutPrefix(from, "~"); ok { // in NGINX as well, without regard to case
				from = "~*" + expr
			} else {
				from, to = strings.TrimPrefix(from, "."), strings.TrimPrefix(to, ".")
			}
		}
		list = append(list, b.swap(d, from, to))
	}
	return list
}

func (b *builder) cookieFlags(d *conf.Directive) (f cookieFlags) {
	if expr, ok := strings.CutPrefix(d.Args[0], "~"); ok {
		re, err := b.table.Regex(strings.TrimPrefix(expr, "*"), true)
		b.check(d, err)
		f.regex = re
	} else {
		f.name = b.value(d, d.Args[0])
	}
	for _, a := range d.Args[1:] {
		f.values = append(f.values, b.value(d, a))
	}
	return f
}

// rewrite appends a Set-Cookie value with its attributes changed, when anything changes. A cookie that is changed is written
// anew, its parts separated by "; ".
func (k *cookieRules) rewrite(c *pipeline.Ctx, dst []byte, text string) ([]byte, bool) {
	attrs := splitCookie(text)
	if !attrs[0].valued {
		return dst, false
	}
	changed := false
	for i := range attrs[1:] {
		a := &attrs[i+1]
		if !a.valued {
			continue
		}
		var ok bool
		switch {
		case strings.EqualFold(a.key, "domain"):
			a.value, ok = swapDomain(c, k.domains, a.value)
		case strings.EqualFold(a.key, "path"):
			a.value, ok = swapPath(c, k.paths, a.value)
		}
		changed = changed || ok
	}
	if f := k.flagsOf(c, attrs[0].key); f != nil {
		if set := f.wanted(c); set != 0 {
			attrs, changed = set.apply(attrs), true
		}
	}
	if !changed {
		return dst, false
	}
	return appendCookie(dst, attrs), true
}

// splitCookie takes a cookie apart; spaces around the parts are not kept.
func splitCookie(text string) []attribute {
	list := make([]attribute, 0, 8)
	for more := true; more; {
		var part string
		part, text, more = strings.Cut(text, ";")
		key, val, valued := strings.Cut(part, "=")
		list = append(list, attribute{key: strings.Trim(key, " "), value: strings.Trim(val, " "), valued: valued})
	}
	return list
}

func appendCookie(dst []byte, attrs []attribute) []byte {
	for i := range attrs {
		a := &attrs[i]
		if a.gone {
			continue
		}
		if i > 0 {
			dst = append(dst, "; "...)
		}
		if dst = append(dst, a.key...); a.valued {
			dst = append(append(dst, '='), a.value...)
		}
	}
	return dst
}

// swapDomain applies the first rule that matches the whole domain, without its leading dot, which stays, and without regard to
// case.
func swapDomain(c *pipeline.Ctx, rules []swap, val string) (string, bool) {
	bare := strings.TrimPrefix(val, ".")
	for i := range rules {
		w := &rules[i]
		if w.regex != nil {
			if out, ok := w.apply(c, nil, val); ok {
				return string(out), true
			}
		} else if strings.EqualFold(string(w.from.append(c, nil)), bare) {
			return val[:len(val)-len(bare)] + string(w.to.append(c, nil)), true
		}
	}
	return val, false
}

// swapPath applies the first rule that matches.
func swapPath(c *pipeline.Ctx, rules []swap, val string) (string, bool) {
	for i := range rules {
		if out, ok := rules[i].apply(c, nil, val); ok {
			return string(out), true
		}
	}
	return val, false
}

// flagsOf finds what is said of a cookie.
func (k *cookieRules) flagsOf(c *pipeline.Ctx, name string) *cookieFlags {
	for i := range k.flags {
		f := &k.flags[i]
		if f.regex != nil {
			if found, err := f.regex.Exec(c, []byte(name)); found && err == nil {
				return f
			}
		} else if strings.EqualFold(string(f.name.append(c, nil)), name) {
			return f
		}
	}
	return nil
}
