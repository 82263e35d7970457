package proxy

// Hot: makes the response of every answer; no allocation, no map, no defer.

import (
	"unsafe"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// AccelRedirect is what Serve returns when the upstream has another location answer (X-Accel-Redirect).
type AccelRedirect struct {
	// URI begins with "/", or with "@" for a named location.
	URI string
}

// Error names the location.
func (e *AccelRedirect) Error() string { return "proxy: redirected to " + e.URI }

// answer makes the response of what the upstream has answered.
func (x *call) answer(c *pipeline.Ctx) error {
	x.settled = true
	x.dropDuplicates()
	x.tell(c)
	switch { // err is the reactor's to write while a body comes, and not when there is none
	case x.fault == 0:
	case x.err == errUnasked:
		return c.NoContent(x.fault) // no page of ours answers a peer that speaks something else
	default:
		return &pipeline.Error{Status: x.fault, Err: x.err}
	}
	x.msg, x.msgRaw = &x.res, x.raw
	if x.fill.on {
		if done, err := x.serveInstead(c); done {
			return err
		}
	}
	if x.res.Upgraded {
		return x.openTunnel(c)
	}
	cfg := &x.h.cfg
	if cfg.Intercept != nil && x.res.Status >= 300 && cfg.Intercept(c, x.res.Status) {
		return x.intercept(c)
	}
	if cfg.Ignore&IgnoreAccelRedirect == 0 {
		if v, ok := x.res.First(http1.XAccelRedirect); ok {
			return x.accelRedirect(c, v)
		}
	}
	return x.respond(c)
}

// respond passes status, fields and body on.
func (x *call) respond(c *pipeline.Ctx) error {
	err := x.respondBody(c)
	if c.Res().Status == x.res.Status { // and not 304 or 206, which the conditions of the request made of it
		c.Res().Reason = view(x.res.StatusText.Of(x.raw))
	}
	return err
}

// respondBody is respond without the text of the status line.
func (x *call) respondBody(c *pipeline.Ctx) error {
	x.accelBuffering()
	x.accel(c)
	if x.unbuffered && x.h.cfg.SetRate != nil { // it leaves as it comes: ngx_http_upstream_send_response
		x.h.cfg.SetRate(c, 0)
	}
	if x.h.cfg.LimitRate != nil && !c.OnWorker() { // it may be a variable of the answer
		x.rate.set(x.h.cfg.LimitRate(c, nil))
	}
	x.passAnswer(c, false)
	if x.h.cfg.Protocol == Memcached && x.mem.Gzip() {
		_ = c.SetHeader("Content-Encoding", "gzip")
	}
	x.stick(c)
	if x.h.cfg.ForceRanges && x.res.Status == 200 && x.res.Length >= 0 {
		_ = c.SetHeader("Accept-Ranges", "bytes")
	}
	if done, err := x.finish200(c); done {
		return err
	}
	contentType, status := x.contentType(), x.res.Status
	if x.out == whole {
		if http1.BodyAllowed(status) && x.method != http1.MethodHead {
			return c.Bytes(status, contentType, x.raw[x.bodyAt:])
		}
		if n := x.res.Length; n >= 0 && x.method == http1.MethodHead { // the length that GET would have
			x.refs.Add(1) // until Drop
			c.StreamLive(status, contentType, n, x)
			return nil
		}
		if x.method != http1.MethodHead {
			return c.Bytes(status, contentType, nil)
		}
	}
	length := x.res.Length
	if length < 0 {
		length = -1
		if x.h.cfg.PassTrailers {
			c.AddTrailer(x)
		}
	}
	x.refs.Add(1) // until Drop
	c.StreamLive(status, contentType, length, x)
	return nil
}

// contentType is that of the answer, "" when there is none or it is hidden.
func (x *call) contentType() string {
	if v, ok := x.msg.First(http1.ContentType); ok && !x.h.hide.has(http1.ContentType, nil) {
		return view(v.Of(x.msgRaw))
	}
	return ""
}

// passAnswer passes the fields of the answer on; few passes those alone that survive a redirect to another location, be they hidden or
// not.
func (x *call) passAnswer(c *pipeline.Ctx, few bool) {
	h, listed := x.h, x.msg.Has(http1.Connection)
	if !few {
		_, server := x.msg.First(http1.Server)
		_, date := x.msg.First(http1.Date)
		c.Res().NoServer, c.Res().NoDate = h.server && !server, h.date && !date
	}
	for i := range x.msg.Fields {
		f := &x.msg.Fields[i]
		name := f.Name.Of(x.msgRaw)
		if f.ID == http1.ContentType || len(name) == 0 || few && !survives(f.ID) || !few && h.hide.has(f.ID, name) {
			continue
		}
		if listed && nominated(x.msg.Fields, x.msgRaw, name) {
			continue
		}
		x.passField(c, f.ID, view(name), view(f.Value.Of(x.msgRaw)))
	}
}

// passField passes one field on, rewritten if the location says so.
func (x *call) passField(c *pipeline.Ctx, id http1.FieldID, name, value string) {
	cfg := &x.h.cfg
	var rewrite func(*pipeline.Ctx, []byte, string) ([]byte, bool)
	switch id {
	case http1.Location:
		rewrite = cfg.Location
	case http1.SetCookie:
		rewrite = cfg.Cookie
	case http1.Server:
		c.Res().Server = value
		return
	case http1.Date:
		c.Res().Date = value
		return
	case http1.AcceptRanges:
		if cfg.ForceRanges {
			return
		}
	case http1.FieldOther:
		if cfg.Refresh != nil && len(name) == 7 && equalFold([]byte(name), "refresh") {
			rewrite = cfg.Refresh
		}
	}
	if rewrite != nil {
		if b, ok := rewrite(c, x.text[:0], value); ok {
			x.text = b
			_ = c.AddHeaderBytes(name, b)
			return
		}
	}
	c.AddParsed(name, value)
}

// survives tells whether a field is kept when X-Accel-Redirect has another location answer (NGINX: headers_in, redirect).
func survives(id http1.FieldID) bool {
	switch id {
	case http1.SetCookie, http1.ContentDisposition, http1.CacheControl, http1.Expires, http1.AcceptRanges:
		return true
	}
	return false
}

// accelRedirect has another location answer.
func (x *call) accelRedirect(c *pipeline.Ctx, v http1.Span) error {
	x.passAnswer(c, true)
	x.accel(c)
	if v, ok := x.msg.First(http1.ContentType); ok {
		c.Res().ContentType = view(v.Of(x.msgRaw))
	}
	err := &AccelRedirect{URI: string(v.Of(x.raw))}
	x.stop()
	x.body.endFeed()
	return err
}

// intercept leaves the answer to the location's error pages. What a client needs to authenticate is kept.
func (x *call) intercept(c *pipeline.Ctx) error {
	if x.res.Status == 401 {
		for i := range x.res.Fields {
			if f := &x.res.Fields[i]; f.ID == http1.WWWAuthenticate {
				_ = c.AddHeaderBytes("WWW-Authenticate", f.Value.Of(x.raw))
			}
		}
	}
	status := x.res.Status
	x.stop()
	x.body.endFeed()
	return &pipeline.Error{Status: status, Err: errRefused}
}

// view is b as a string without a copy; whoever uses it must not outlive b.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
