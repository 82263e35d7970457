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
		from := d.Args[0]
		if name == "proxy_cookie_domain" {
			if expr, ok := strings.CutPrefix(from, "~"); ok { // in NGINX as well, without regard to case
				from = "~*" + strings.TrimPrefix(expr, "*")
			} else {
				from = strings.TrimPrefix(from, ".")
			}
		}
		list = append(list, b.swap(d, from, d.Args[1]))
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

// rewrite appends a Set-Cookie value with its attributes changed, when anything changes.
func (k *cookieRules) rewrite(c *pipeline.Ctx, dst []byte, text string) ([]byte, bool) {
	parts := strings.Split(text, ";")
	changed := false
	for i, part := range parts[1:] {
		name, val, ok := strings.Cut(part, "=")
		var rules []swap
		domain := strings.EqualFold(strings.TrimSpace(name), "domain")
		switch {
		case !ok:
			continue
		case domain:
			rules = k.domains
		case strings.EqualFold(strings.TrimSpace(name), "path"):
			rules = k.paths
		}
		if out, ok := applyFirst(c, rules, val, domain); ok {
			parts[i+1], changed = name+"="+out, true
		}
	}
	if flags := k.flagsOf(c, parts[0]); flags != nil {
		parts, changed = flags.apply(c, parts), true
	}
	if !changed {
		return dst, false
	}
	return append(dst, strings.Join(parts, ";")...), true
}

// applyFirst applies the first rule that matches. A domain is compared as a whole, without its leading dot and without regard to
// case.
func applyFirst(c *pipeline.Ctx, rules []swap, val string, domain bool) (string, bool) {
	if domain {
		val = strings.TrimPrefix(val, ".")
	}
	for i := range rules {
		w := &rules[i]
		if domain && w.regex == nil {
			if strings.EqualFold(string(w.from.append(c, nil)), val) {
				return string(w.to.append(c, nil)), true
			}
			continue
		}
		if out, ok := w.apply(c, nil, val); ok {
			return string(out), true
		}
	}
	return "", false
}

// flagsOf finds what is said of a cookie, by its first part: the name and the value.
func (k *cookieRules) flagsOf(c *pipeline.Ctx, pair string) *cookieFlags {
	name, _, _ := strings.Cut(pair, "=")
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

// apply gives the cookie its flags.
func (f *cookieFlags) apply(c *pipeline.Ctx, parts []string) []string {
	for i := range f.values {
		word := string(f.values[i].append(c, nil))
		switch lower := strings.ToLower(word); {
		case lower == "secure", lower == "httponly":
			if !hasAttribute(parts, lower) {
				parts = append(parts, " "+map[string]string{"secure": "Secure", "httponly": "HttpOnly"}[lower])
			}
		case strings.HasPrefix(lower, "samesite="):
			parts = append(dropAttribute(parts, "samesite"), " SameSite="+title(lower[len("samesite="):]))
		case strings.HasPrefix(lower, "no"):
			parts = dropAttribute(parts, lower[2:])
		}
	}
	return parts
}

func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func hasAttribute(parts []string, name string) bool {
	return len(dropAttribute(append([]string(nil), parts...), name)) != len(parts)
}

// dropAttribute takes an attribute away.
func dropAttribute(parts []string, name string) []string {
	kept := parts[:1]
	for _, p := range parts[1:] {
		key, _, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(key, name) {
			kept = append(kept, p)
		}
	}
	return kept
}
