package front

import (
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/script"
)

// What a location changes in the fields of answers: Location and Refresh (proxy_redirect), Set-Cookie (proxy_cookie_…).

// swap replaces a part of a text by another one.
type swap struct {
	regex *script.Regex // or
	from  value         // a prefix
	to    value
}

// apply appends text with the replacement, if it matches at its beginning.
func (w *swap) apply(c *pipeline.Ctx, dst []byte, text string) ([]byte, bool) {
	if w.regex != nil {
		if found, err := w.regex.Exec(c, []byte(text)); !found || err != nil {
			return dst, false
		}
		return w.to.append(c, dst), true
	}
	prefix := string(w.from.append(c, nil))
	if !strings.HasPrefix(text, prefix) {
		return dst, false
	}
	return append(w.to.append(c, dst), text[len(prefix):]...), true
}

// rewriters compiles them for a proxy_pass.
func (b *builder) rewriters(s *scope, cfg *proxy.Config, pass *conf.Directive, m *conf.LocationMatch, target value) {
	list := b.redirects(s, pass, m, target)
	if len(list) > 0 {
		cfg.Location = func(c *pipeline.Ctx, dst []byte, text string) ([]byte, bool) {
			for i := range list {
				if out, ok := list[i].apply(c, dst, text); ok {
					requestOf(c).passed = false // the new one is a Location of our own
					return out, true
				}
			}
			return dst, false
		}
		cfg.Refresh = func(c *pipeline.Ctx, dst []byte, text string) ([]byte, bool) {
			at := strings.Index(strings.ToLower(text), "url=")
			if at < 0 {
				return dst, false
			}
			out, ok := cfg.Location(c, append(dst, text[:at+4]...), text[at+4:])
			return out, ok
		}
	}
	b.cookies(s, cfg)
}

// redirects compiles proxy_redirect.
func (b *builder) redirects(s *scope, pass *conf.Directive, m *conf.LocationMatch, target value) (list []swap) {
	lines := s.all("proxy_redirect")
	if lines == nil {
		if target.run != nil || m == nil || prefixOf(m) == "" {
			return nil
		}
		return []swap{defaultRedirect(target, m)}
	}
	for _, d := range lines {
		switch {
		case d.Args[0] == "off":
			return nil
		case d.Args[0] == "default" && len(d.Args) == 1:
			if target.run != nil {
				b.fail(d, `"proxy_redirect default" cannot be used with "proxy_pass" directive with variables`)
				continue
			}
			if m != nil && prefixOf(m) != "" {
				list = append(list, defaultRedirect(target, m))
			}
		case len(d.Args) == 2:
			list = append(list, b.swap(d, d.Args[0], d.Args[1]))
		default:
			b.fail(d, `invalid parameter "%s"`, d.Args[0])
		}
	}
	return list
}

// defaultRedirect puts the location in the place of the address it is passed to.
func defaultRedirect(target value, m *conf.LocationMatch) swap {
	_, uri, _ := splitURL(target.text)
	from, to := target.text, m.Text
	if uri == "" {
		to = "/"
		from += "/"
	}
	return swap{from: value{text: from}, to: value{text: to}}
}

// swap compiles a pair: "~" and "~*" begin an expression.
func (b *builder) swap(d *conf.Directive, from, to string) (w swap) {
	if expr, ok := strings.CutPrefix(from, "~"); ok {
		expr, noCase := strings.CutPrefix(expr, "*")
		re, err := b.table.Regex(expr, noCase)
		b.check(d, err)
		w.regex = re
	} else {
		w.from = b.value(d, from)
	}
	w.to = b.value(d, to)
	return w
}
