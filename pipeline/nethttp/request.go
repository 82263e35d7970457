package nethttp

import (
	"crypto/tls"
	"net/http"
	"net/textproto"
	"net/url"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

var blank http.Request

// newRequest makes the http.Request of the Ctx: what net/http's server would hand to a handler. All its strings are copies.
func (x *exchange) newRequest() (*http.Request, error) {
	c := x.c
	x.body.wait = c.Head.Expect100
	if r := Request(c); r != nil { // within a net/http middleware
		x.body.x, x.body.from = x, r.Body
		r = r.WithContext(nested{r.Context(), x})
		r.Body = &x.body
		setRoute(r, c)
		return r, nil
	}
	u, err := requestURL(c)
	if err != nil {
		return nil, err
	}
	h := &c.Head
	r := blank.WithContext(&x.base) // a copy, the only way to a request with a context
	r.Method, r.URL, r.Host, r.RequestURI = c.Method(), u, c.Host(), c.Target()
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, int(h.Minor)
	r.Header, r.ContentLength, r.Body, r.Close = requestHeader(c), h.Length, http.NoBody, !h.KeepAlive
	r.RemoteAddr = "@" // net/http's name for an unnamed peer: a unix socket
	if h.Minor == 0 {
		r.Proto = "HTTP/1.0"
	}
	if a := c.Remote(); a.IsValid() {
		r.RemoteAddr = a.String()
	}
	if c.Secure() {
		r.TLS = &tls.ConnectionState{HandshakeComplete: true, ServerName: u.Hostname()}
	}
	if h.Length < 0 {
		r.TransferEncoding = []string{"chunked"}
	}
	x.body.x, x.body.from, x.body.own = x, bodyOf{c}, true
	if h.Length != 0 {
		r.Body = &x.body
	}
	setRoute(r, c)
	return r, nil
}

// requestURL parses the target. Its path is the one the request was routed by: normalised, decoded once, and rewritten if a
// hook did so. A handler that trusted another one could be reached around the hooks that look at c.Path.
func requestURL(c *pipeline.Ctx) (*url.URL, error) {
	u, err := url.ParseRequestURI(c.Target())
	if err != nil {
		return nil, &pipeline.Error{Status: 400, Err: err}
	}
	if path := c.PathView(); u.Path != path {
		u.Path, u.RawPath = c.Path(), ""
	}
	return u, nil
}

// canonical are the names of the known fields in net/http's spelling.
var canonical = func() (names [64]string) {
	for id := range names {
		names[id] = textproto.CanonicalMIMEHeaderKey(http1.FieldID(id).String())
	}
	return names
}()

// requestHeader makes the header map. The values share one copy of the head. As in net/http, Host and
// Transfer-Encoding are not among them.
func requestHeader(c *pipeline.Ctx) http.Header {
	head, h := string(c.HeadBytes()), &c.Head
	header := make(http.Header, len(h.Fields))
	values := make([]string, 0, len(h.Fields))
	for i := range h.Fields {
		f := &h.Fields[i]
		if f.ID == http1.Host || f.ID == http1.TransferEncoding {
			continue
		}
		name := canonical[f.ID]
		if f.ID == http1.FieldOther {
			name = textproto.CanonicalMIMEHeaderKey(head[f.Name.Start:f.Name.End])
		}
		value := head[f.Value.Start:f.Value.End]
		if had := header[name]; had != nil {
			header[name] = append(had, value)
			continue
		}
		values = append(values, value)
		header[name] = values[len(values)-1 : len(values) : len(values)]
	}
	if p := header["Pragma"]; len(p) > 0 && p[0] == "no-cache" && header["Cache-Control"] == nil {
		header["Cache-Control"] = []string{"no-cache"} // RFC 9111 section 5.4, as net/http does it
	}
	return header
}

// setRoute tells the request the pattern it was routed by and the values of its parameters.
func setRoute(r *http.Request, c *pipeline.Ctx) {
	route := c.Route()
	if route == nil {
		return
	}
	r.Pattern = route.Pattern
	for i := range c.Match.NumParams() {
		if name, _, ok := c.Match.ParamAt(i); ok {
			r.SetPathValue(name, c.Param(name))
		}
	}
}
