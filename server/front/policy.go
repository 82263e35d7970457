package front

import (
	"math"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/conf"
)

// policy compiles what a block says of connections.
func (b *builder) policy(s *scope, l *location) *server.Policy {
	settings := server.Settings{
		HTTP: b.headLimits(s), MaxBody: math.MaxInt64, MaxRequests: int(s.number("keepalive_requests", 1000)),
		HeaderTimeout: milliseconds(s.number("client_header_timeout", 60000)),
		BodyTimeout:   milliseconds(s.number("client_body_timeout", 60000)),
		SendTimeout:   milliseconds(s.number("send_timeout", 60000)),
		KeepAlive:     75 * time.Second,
		KeepAliveTime: milliseconds(s.number("keepalive_time", 3600000)),
		ServerName:    b.product(s),
		KeepSlashes:   !s.on("merge_slashes", true),
		NoChunks:      !s.on("chunked_transfer_encoding", true),
		NoBareHead:    true,
		Hooked:        len(l.filters) > 0,
		Quiet:         len(l.logs) == 0 && l.post == nil,
		Lingering:     lingering[s.text("lingering_close", "on")],
		LingerTime:    atOnce(s.number("lingering_time", 30000)),
		LingerTimeout: atOnce(s.number("lingering_timeout", 5000)),
		ResetTimedOut: s.on("reset_timedout_connection", false),

		KeepAliveLeast: milliseconds(s.number("keepalive_min_timeout", 0)),
	}
	if d := s.one("keepalive_timeout"); d != nil {
		if t, ok := d.Value.([2]int64); ok {
			settings.KeepAlive, settings.KeepAliveHint = milliseconds(t[0]), max(t[1], 0)
		}
	}
	p := b.policies[settings]
	if p == nil {
		p = settings.Compile()
		b.policies[settings] = p
	}
	return p
}

// lingering are the values of lingering_close.
var lingering = map[string]server.Lingering{"on": server.LingerUnread, "off": server.LingerNever, "always": server.LingerAlways}

// atOnce is a time whose zero is no default.
func atOnce(ms int64) time.Duration {
	if ms == 0 {
		return -1
	}
	return milliseconds(ms)
}

// headLimits makes the bounds of a request head of the sizes of NGINX's buffers: a line has to fit into one of the large
// ones, and all of them together into all of those.
func (b *builder) headLimits(s *scope) http1.Limits {
	limits := http1.DefaultLimits()
	size := conf.Buffers{Number: 4, Size: 8 << 10}
	if d := s.one("large_client_header_buffers"); d != nil {
		size, _ = d.Value.(conf.Buffers)
	}
	first := s.number("client_header_buffer_size", 1024)
	limits.RequestLine, limits.FieldLine = int(max(size.Size, first)), int(max(size.Size, first))
	limits.Head = int(size.Number*size.Size + first)
	limits.Fragment, limits.UpperMethod = true, true
	limits.Fields = int(s.number("max_headers", 1000))
	return limits
}

// product is what server_tokens has clients see of this program.
func (b *builder) product(s *scope) string {
	if s.text("server_tokens", "on") == "off" {
		return b.opt.Product
	}
	return b.opt.Product + "/" + b.opt.Version
}

// pagesOf makes the error pages of a block.
func (b *builder) pagesOf(s *scope) pages {
	name := b.product(s)
	if b.pages[name] == nil {
		b.pages[name] = newPages(name)
	}
	return b.pages[name]
}

// errorPages compiles error_page.
func (b *builder) errorPages(s *scope) (list []errorPage) {
	for _, d := range s.all("error_page") {
		e, ok := d.Value.(conf.ErrorPage)
		if !ok {
			continue
		}
		uri := b.script(e.URI)
		for _, code := range e.Codes {
			answer := e.Status
			if shown := shownAs(code); answer < 0 && shown != code {
				answer = shown
			}
			list = append(list, errorPage{code, answer, uri})
		}
	}
	return list
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
