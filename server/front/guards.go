package front

import (
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/authrequest"
	"github.com/wheelpit/wheelpit/server/browser"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/mirror"
	"github.com/wheelpit/wheelpit/server/referer"
	"github.com/wheelpit/wheelpit/server/script"
	"github.com/wheelpit/wheelpit/server/securelink"
	"github.com/wheelpit/wheelpit/server/slice"
	"github.com/wheelpit/wheelpit/server/userid"
)

// guards are parts of a location that variables ask: $invalid_referer, $secure_link, $uid_got, $slice_range.
type guards struct {
	referers *referer.Referers
	link     *securelink.Link
	uid      *userid.UserID
	slice    *slice.Filter
	browsers *browser.Browsers
}

// guardsOf compiles valid_referers, secure_link and userid.
func (b *builder) guardsOf(s *scope, srv *virtual) guards {
	return guards{referers: b.referers(s, srv), link: b.secureLink(s), uid: b.userID(s), slice: b.slice(s), browsers: b.browsers(s)}
}

// guardVariables are the variables that ask the location.
func guardVariables() map[string]script.Getter {
	with := func(ask func(g *guards, c *pipeline.Ctx, dst []byte) ([]byte, bool)) script.Getter {
		return func(c *pipeline.Ctx, dst []byte) ([]byte, bool) { return ask(&requestOf(c).loc.guards, c, dst) }
	}
	return map[string]script.Getter{
		"invalid_referer": with(func(g *guards, c *pipeline.Ctx, dst []byte) ([]byte, bool) {
			if g.referers == nil {
				return dst, true
			}
			return g.referers.Append(c, dst)
		}),
		"secure_link": with(func(g *guards, c *pipeline.Ctx, dst []byte) ([]byte, bool) {
			if g.link == nil {
				return dst, false
			}
			return g.link.Append(c, dst)
		}),
		"secure_link_expires": with(func(g *guards, c *pipeline.Ctx, dst []byte) ([]byte, bool) {
			if g.link == nil {
				return dst, false
			}
			return g.link.AppendExpires(c, dst)
		}),
		"slice_range": with(func(g *guards, c *pipeline.Ctx, dst []byte) ([]byte, bool) {
			if g.slice == nil {
				return dst, false
			}
			return g.slice.AppendRange(c, dst)
		}),
		"modern_browser":  with(func(g *guards, c *pipeline.Ctx, dst []byte) ([]byte, bool) { return g.browsers.AppendModern(c, dst) }),
		"ancient_browser": with(func(g *guards, c *pipeline.Ctx, dst []byte) ([]byte, bool) { return g.browsers.AppendAncient(c, dst) }),
		"msie": func(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
			if isMSIE(c.HeaderBytes(http1.UserAgent)) {
				dst = append(dst, '1')
			}
			return dst, true
		},
		"uid_got": with(func(g *guards, c *pipeline.Ctx, dst []byte) ([]byte, bool) {
			if g.uid == nil {
				return dst, false
			}
			return g.uid.AppendGot(c, dst)
		}),
		"uid_set": with(func(g *guards, c *pipeline.Ctx, dst []byte) ([]byte, bool) {
			if g.uid == nil {
				return dst, false
			}
			return g.uid.AppendSet(c, dst)
		}),
	}
}

// referers compiles valid_referers, nil when there is none.
func (b *builder) referers(s *scope, srv *virtual) *referer.Referers {
	lines := s.all("valid_referers")
	if len(lines) == 0 {
		return nil
	}
	cfg := referer.Config{Compile: func(pattern string) (referer.Regexp, error) {
		re, err := b.table.Regex(pattern, true)
		return boolMatch{re}, err
	}}
	for _, w := range words(lines) {
		switch w {
		case "none":
			cfg.None = true
		case "blocked":
			cfg.Blocked = true
		case "server_names":
			cfg.ServerNames = append([]string{}, srv.allNames...)
		default:
			cfg.Names = append(cfg.Names, w)
		}
	}
	r, err := referer.New(cfg)
	b.check(lines[0], err)
	return r
}

// boolMatch is an expression for who does not ask for errors: one that takes too long does not match.
type boolMatch struct{ re *script.Regex }

// Match tells whether text matches.
func (m boolMatch) Match(text []byte) bool {
	found, err := m.re.Match(text)
	return found && err == nil
}

// secureLink compiles secure_link and its companions, nil when there are none.
func (b *builder) secureLink(s *scope) *securelink.Link {
	var cfg securelink.Config
	d := s.one("secure_link_secret")
	for in := s; in != nil && d != nil; in = in.outer { // the innermost of the two kinds counts
		if len(in.own["secure_link"])+len(in.own["secure_link_md5"]) > 0 {
			d = nil
		} else if len(in.own["secure_link_secret"]) > 0 {
			break
		}
	}
	if d != nil {
		cfg.Secret = d.Args[0]
	} else {
		link, md5 := s.one("secure_link"), s.one("secure_link_md5")
		if link == nil && md5 == nil {
			return nil
		}
		if d = link; link != nil {
			v := b.value(link, link.Args[0])
			cfg.Link = v.append
		}
		if md5 != nil {
			v := b.value(md5, md5.Args[0])
			cfg.MD5, d = v.append, md5
		}
	}
	l, err := securelink.New(cfg)
	b.check(d, err)
	return l
}

// userID compiles userid and its companions, nil when it is off.
func (b *builder) userID(s *scope) *userid.UserID {
	d := s.one("userid")
	if d == nil || d.Args[0] == "off" {
		return nil
	}
	cfg := userid.Config{
		Mode: map[string]userid.Mode{"log": userid.Log, "v1": userid.V1, "on": userid.On}[d.Args[0]],
		Name: s.text("userid_name", "uid"), Domain: s.text("userid_domain", ""), Path: s.text("userid_path", "/"),
		P3P: s.text("userid_p3p", ""), Log: logTo,
	}
	if e := s.one("userid_expires"); e != nil {
		switch n := e.Value.(type) {
		case int64:
			cfg.Expires = time.Duration(n) * time.Second
		case string:
			if n == "max" {
				cfg.Expires = userid.MaxExpires
			}
		}
	}
	if m := s.text("userid_mark", "off"); m != "off" {
		cfg.Mark = m[0]
	}
	if s.one("userid_service") != nil {
		n := uint32(s.number("userid_service", 0))
		cfg.Service = &n
	}
	for _, f := range words(s.all("userid_flags")) {
		if f != "off" {
			cfg.Flags = append(cfg.Flags, f)
		}
	}
	reset := b.table.Lookup("uid_reset")
	cfg.Reset = func(c *pipeline.Ctx, dst []byte) []byte {
		dst, _ = reset.Append(c, dst)
		return dst
	}
	u, err := userid.New(cfg)
	b.check(d, err)
	return u
}

// authRequest compiles auth_request, nil when it is off.
func (b *builder) authRequest(s *scope) *authrequest.Auth {
	d := s.one("auth_request")
	if d == nil || d.Args[0] == "off" {
		return nil
	}
	cfg := authrequest.Config{URI: d.Args[0], Send: askWith, Log: logTo}
	for _, set := range s.all("auth_request_set") {
		v, err := b.table.AddUser(strings.TrimPrefix(set.Args[0], "$"))
		if b.check(set, err); err != nil {
			continue
		}
		parts, _ := set.Value.(conf.Script)
		value := b.script(parts)
		cfg.Set = append(cfg.Set, authrequest.Set{Value: value.append, Assign: v.Set})
	}
	a, err := authrequest.New(cfg)
	b.check(d, err)
	return a
}

// mirrors compiles mirror, nil when there is none.
func (b *builder) mirrors(s *scope) *mirror.Mirror {
	lines := s.all("mirror")
	if len(lines) == 0 || lines[0].Args[0] == "off" {
		return nil
	}
	m, err := mirror.New(mirror.Config{URIs: words(lines), Body: s.on("mirror_request_body", true), Send: askAside, Log: logMirror})
	b.check(lines[0], err)
	return m
}
