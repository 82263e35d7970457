// Package browser tells modern browsers from ancient ones by what they say of themselves: NGINX's modern_browser and
// ancient_browser, and the variables of those names.
//
// A browser is modern when its name and version are in Config.Modern, ancient when it is an older version of one of those or
// has a text of Config.Ancient in its User-Agent, and else what Config.Unlisted says.
package browser

// Hot: runs for every request that asks one of the variables; no allocation, no map, no defer.

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Config is what the directives say in one location.
type Config struct {
	// Modern are the oldest modern versions, by browser.
	Modern []Version
	// Unlisted makes what no other line knows modern (modern_browser unlisted).
	Unlisted bool
	// Ancient are texts of ancient browsers (ancient_browser).
	Ancient []string
	// Netscape4 makes Netscape 1 to 4 ancient (ancient_browser netscape4).
	Netscape4 bool
	// ModernValue and AncientValue are the values of the variables; "1" by default.
	ModernValue, AncientValue string
}

// Version is a browser and its oldest modern version: two digits for each of up to four parts, 1.2.3 being 1020300.
type Version struct {
	kind   *kind
	oldest int
}

// kind is how a family of browsers names itself: mark stands behind skip bytes, and the version behind mark.
type kind struct {
	name, mark string
	skip       int
}

var kinds = [...]kind{
	{"opera", "Opera", 0},
	{"msie", "MSIE ", len("Mozilla/4.0 (compatible; ")},
	{"gecko", "rv:", len("Mozilla/5.0 (")},
	{"safari", "Safari/", len("Mozilla/5.0 (")},
	{"konqueror", "Konqueror/", len("Mozilla/5.0 (compatible; ")},
}

// ParseVersion reads the arguments of modern_browser that name a browser and a version. The errors are NGINX's.
func ParseVersion(name, version string) (Version, error) {
	for i := range kinds {
		if !strings.EqualFold(kinds[i].name, name) {
			continue
		}
		n, ok := parse(version)
		if !ok {
			return Version{}, errors.New(`invalid browser version "` + version + `"`)
		}
		return Version{&kinds[i], n}, nil
	}
	return Version{}, errors.New(`unknown browser name "` + name + `"`)
}

// parse reads up to four numbers between dots.
func parse(s string) (version int, ok bool) {
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return 0, false
	}
	scale := 1000000
	for _, p := range parts {
		n, err := strconv.ParseUint(p, 10, 31)
		if err != nil {
			return 0, false
		}
		version += int(n) * scale
		scale /= 100
	}
	return version, true
}

// Browsers answers the variables of one location. It is immutable.
type Browsers struct{ cfg Config }

// unreachable is a version that no browser has.
const unreachable = 1 << 40

// New compiles c. Browsers are looked for in the order of the table above, Opera always first where any is named: it claims to
// be others.
func New(c Config) *Browsers {
	if len(c.Modern) > 0 {
		if !slices.ContainsFunc(c.Modern, func(v Version) bool { return v.kind == &kinds[0] }) {
			c.Modern = append(slices.Clone(c.Modern), Version{&kinds[0], unreachable})
		}
		at := func(v Version) int {
			return slices.IndexFunc(kinds[:], func(k kind) bool { return k.name == v.kind.name })
		}
		slices.SortStableFunc(c.Modern, func(a, b Version) int { return at(a) - at(b) })
	}
	if c.ModernValue == "" {
		c.ModernValue = "1"
	}
	if c.AncientValue == "" {
		c.AncientValue = "1"
	}
	return &Browsers{c}
}

// AppendModern appends $modern_browser: its value for a modern browser, and nothing for another.
func (b *Browsers) AppendModern(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if b.modern(c.HeaderBytes(http1.UserAgent)) {
		dst = append(dst, b.cfg.ModernValue...)
	}
	return dst, true
}

// AppendAncient appends $ancient_browser.
func (b *Browsers) AppendAncient(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if !b.modern(c.HeaderBytes(http1.UserAgent)) {
		dst = append(dst, b.cfg.AncientValue...)
	}
	return dst, true
}

// modern tells whether a User-Agent, nil for none, is one of a modern browser: ngx_http_browser.
func (b *Browsers) modern(agent []byte) bool {
	if agent == nil {
		return b.cfg.Unlisted
	}
	for i := range b.cfg.Modern {
		if v := &b.cfg.Modern[i]; v.kind.within(agent) {
			return v.reached(agent)
		}
	}
	switch {
	case len(b.cfg.Modern) > 0 && !b.cfg.Unlisted, b.cfg.Netscape4 && netscape4(agent):
		return false
	}
	for _, text := range b.cfg.Ancient {
		if bytes.Contains(agent, []byte(text)) {
			return false
		}
	}
	return b.cfg.Unlisted
}

// version returns what stands behind the mark of a kind, nil when there is nothing.
func (k *kind) version(agent []byte) []byte {
	if len(agent) <= k.skip {
		return nil
	}
	at := bytes.Index(agent[k.skip:], []byte(k.mark))
	if at < 0 {
		return nil
	}
	at += k.skip + len(k.mark)
	if k.name == "opera" { // "Opera 8" and "Opera/9"
		at++
	}
	if at >= len(agent) {
		return nil
	}
	return agent[at:]
}

func (k *kind) within(agent []byte) bool { return k.version(agent) != nil }

// reached tells whether the version of a browser is new enough.
func (v *Version) reached(agent []byte) bool {
	version, part, scale := 0, 0, 1000000
	for _, c := range v.kind.version(agent) {
		if c >= '0' && c <= '9' {
			part = min(part*10+int(c-'0'), 1<<20)
			continue
		}
		if c != '.' {
			break
		}
		if version += part * scale; version > v.oldest {
			return true
		}
		part, scale = 0, scale/100
	}
	return version+part*scale >= v.oldest
}

// netscape4 tells whether a User-Agent is that of Netscape 1 to 4.
func netscape4(agent []byte) bool {
	const prefix = "Mozilla/"
	return len(agent) > len("Mozilla/4.72 ") && string(agent[:len(prefix)]) == prefix && agent[len(prefix)] > '0' && agent[len(prefix)] < '5'
}
