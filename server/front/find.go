package front

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// findLocation chooses the location for the current URI, and does what belongs to entering it:
// ngx_http_core_find_config_phase.
func (r *request) findLocation() error {
	if r.c.Head.Form == http1.FormAsterisk && !r.internal {
		return r.options()
	}
	m := r.srv.locations.Find(r.c.PathView())
	l := r.srv.root
	if m.Route >= 0 {
		l = r.srv.list[m.Route]
	}
	r.enter(l)
	l = r.loc
	if l.regex != nil {
		if _, err := l.regex.Exec(r.c, r.c.PathBytes()); err != nil {
			return err
		}
	}
	switch {
	case l.internal && !r.internal:
		return pipeline.ErrNotFound
	case l.maxBody > 0 && r.c.Head.Length != 0 && !r.bodyDropped && r.bodyLength() > l.maxBody:
		return errTooLarge
	}
	r.c.SetBodyLimit(l.bodyLimit())
	if m.Redirect {
		return r.addSlash()
	}
	r.phase = atRewrite
	return nil
}

// options answers "OPTIONS *", which asks about the server as a whole and no location of it (RFC 9110 section 9.3.7). NGINX takes it
// for a broken request.
func (r *request) options() error {
	if err := r.c.NoContent(200); err != nil {
		return err
	}
	r.answered()
	return nil
}

// bodyLength is how long the body is known to be at least: announced, or all here.
func (r *request) bodyLength() int64 {
	if r.c.Head.Length < 0 {
		if body, ok := r.c.BodyInMemory(); ok {
			return int64(len(body))
		}
		if !r.sub {
			return r.carrier.Announced()
		}
	}
	return r.c.Head.Length
}

var errTooLarge = &pipeline.Error{Status: 413, Message: "client intended to send too large body"}

// addSlash redirects to the location whose name is the URI with a slash.
func (r *request) addSlash() error {
	r.buf = appendEscaped(r.buf[:0], r.c.PathView())
	r.buf = append(r.buf, '/')
	if args := r.args(); len(args) > 0 {
		r.buf = append(append(r.buf, '?'), args...)
	}
	return r.moved(301, r.buf)
}

// moved answers with a redirect to location, which is copied.
func (r *request) moved(status int, location []byte) error {
	if err := r.c.SetHeaderBytes("Location", location); err != nil {
		return err
	}
	return &pipeline.Error{Status: status}
}

// appendEscaped appends a decoded path as a URL has it: NGINX's ngx_escape_uri with NGX_ESCAPE_URI.
func appendEscaped(b []byte, path string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(path) {
		switch c := path[i]; {
		case c <= ' ' || c >= 0x7f, c == '"', c == '#', c == '%', c == '<', c == '>', c == '?', c == '\\', c == '^', c == '`', c == '{', c == '|', c == '}':
			b = append(b, '%', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return b
}
