package front

// Hot: runs for every response; no allocation, no map, no defer.

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// redirects says how a relative Location becomes an absolute one.
type redirects struct {
	relative   bool // absolute_redirect off
	noPort     bool // port_in_redirect off
	serverName bool // server_name_in_redirect on
}

func redirectsOf(s *scope) redirects {
	return redirects{
		relative: !s.on("absolute_redirect", true), noPort: !s.on("port_in_redirect", true),
		serverName: s.on("server_name_in_redirect", false),
	}
}

// finishHead completes what every response has, before the filters.
func (r *request) finishHead() {
	c := r.c
	if r.closing || r.status != 0 || r.contentType != "" || c.Head.ExpectsContinue() {
		r.finishOdd()
	}
	fields := c.Res().Fields()
	if r.passed || len(fields) == 0 {
		return
	}
	for i := range fields {
		if f := &fields[i]; len(f.Name) == len("Location") && f.Name == "Location" && strings.HasPrefix(f.Value, "/") {
			r.absolute(f.Value)
			break
		}
	}
}

// finishOdd is the part of finishHead that few responses have.
func (r *request) finishOdd() {
	c := r.c
	if r.closing && !c.Res().CloseAfter() {
		c.CloseAfter()
	}
	if now := c.Res().Status; r.status != 0 && now != r.status && !(r.ranged && r.status == 200 && (now == 206 || now == 304)) {
		c.SetStatus(r.status)
	}
	if c.Head.ExpectsContinue() && c.Res().Status < 400 && !r.sub && !r.bodyDropped {
		r.carrier.Continue() // the body is dropped now, if nobody has read it
	}
	if r.contentType != "" && c.Res().Status != 304 {
		c.Res().ContentType = r.contentType
	}
}

// badKeepAlive tells whether the browser is one of those that keepalive_disable means.
func (l *location) badKeepAlive(c *pipeline.Ctx) bool {
	return (l.noSafari || l.noMSIE6 && c.Head.Method == http1.MethodPost) && l.badBrowser(c)
}

func (l *location) badBrowser(c *pipeline.Ctx) bool {
	msie6 := l.noMSIE6 && c.Head.Method == http1.MethodPost
	agent := c.HeaderBytes(http1.UserAgent)
	if at := bytes.Index(agent, []byte("MSIE ")); msie6 && at >= 0 && len(agent) > at+len("MSIE 6.") && agent[at+len("MSIE 6")] == '.' {
		switch agent[at+len("MSIE ")] {
		case '4', '5':
			return true
		case '6':
			return !bytes.Contains(agent, []byte("SV1"))
		}
	}
	return l.noSafari && bytes.Contains(agent, []byte("Mac OS X")) && bytes.Contains(agent, []byte("Safari/")) &&
		!bytes.Contains(agent, []byte("Chrome/"))
}

// absolute makes a Location that begins with "/" absolute: ngx_http_header_filter.
func (r *request) absolute(loc string) {
	how := &r.loc.redirects
	if how.relative {
		return
	}
	scheme, usual := "http://", 80
	if r.c.Secure() {
		scheme, usual = "https://", 443
	}
	b := append(r.buf[:0], scheme...)
	host := r.host(r.c.HostBytes())
	switch {
	case how.serverName && r.srv.name != "":
		b = append(b, r.srv.name...)
	case len(host) > 0:
		b = append(b, host...)
	default:
		b = append(b, r.c.Local().Addr().String()...)
	}
	if port := int(r.c.Local().Port()); !how.noPort && port != usual && port != 0 {
		b = append(b, ':')
		b = strconv.AppendInt(b, int64(port), 10)
	}
	r.buf = append(b, loc...)
	_ = r.c.SetHeaderBytes("Location", r.buf) // was a sound field before
}
