package front

import (
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
)

// imposable returns the charsets that an upstream may have an answer recoded to by X-Accel-Charset, in lower case: as in NGINX,
// those that the configuration names anywhere. There are none when nothing passes requests on.
func imposable(http *conf.Directive) map[string]bool {
	known := map[string]bool{}
	if !gatherCharsets(http, known) {
		return nil
	}
	return known
}

// gatherCharsets adds the charsets that a block names to known, and tells whether it passes requests on.
func gatherCharsets(block *conf.Directive, known map[string]bool) (passes bool) {
	for d := range block.Children() {
		switch d.Name {
		case "charset", "source_charset", "charset_map":
			for _, a := range d.Args {
				if a != "off" && !strings.Contains(a, "$") {
					known[strings.ToLower(a)] = true
				}
			}
		case "proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "memcached_pass":
			passes = true
		}
		if gatherCharsets(d, known) {
			passes = true
		}
	}
	return passes
}

// imposed returns what an upstream said in X-Accel-Charset, nil when no charset can be imposed.
func (b *builder) imposed() func(c *pipeline.Ctx) (name string, known bool) {
	known := b.charsets
	if len(known) == 0 {
		return nil
	}
	return func(c *pipeline.Ctx) (string, bool) {
		r := requestOf(c)
		return r.charset, r.charset != "" && known[strings.ToLower(r.charset)]
	}
}

// imposeCharset returns what is told X-Accel-Charset, nil when no charset can be imposed. It stays the request's when another
// location answers in the end.
func (b *builder) imposeCharset() func(c *pipeline.Ctx, name string) {
	known := b.charsets
	if len(known) == 0 {
		return nil
	}
	return func(c *pipeline.Ctx, name string) {
		r := requestOf(c)
		if r.charset = name; name != "" && !known[strings.ToLower(name)] {
			r.Log("error", fmt.Sprintf("unknown charset \"%s\" to override", name))
		}
	}
}
