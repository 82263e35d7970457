package builtin

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/middleware"
)

const omit = middleware.Omit

// answer is what came of a case.
type answer struct {
	status int
	fields map[string][]string
	length int64
	body   []byte
	host   string
	err    error // what the response is the page of
}

// play runs a case.
func play(v *vector) (*answer, error) {
	a := &answer{fields: map[string][]string{}}
	app, err := application(v, a)
	if err != nil {
		return nil, err
	}
	chain, err := app.Compile()
	if err != nil {
		return nil, err
	}
	c, status := begin(v)
	if c == nil { // the parser refused it, so that no application sees it
		a.status, a.err = status, pipeline.ErrDisallowedHost
		return a, nil
	}
	if out := chain.Run(c); out != pipeline.Done {
		return nil, fmt.Errorf("the chain was left with outcome %d", out)
	}
	return a, a.read(c)
}

// application has the middleware of the group. Hosts allows all where it is not what the case is about.
func application(v *vector, a *answer) (*pipeline.App, error) {
	s := &v.Settings
	app := pipeline.New()
	app.Debug, app.Logger = s.Debug, slog.New(slog.DiscardHandler)
	every := &middleware.Hosts{Allowed: []string{"*"}, UseXForwardedHost: s.ForwardHost, UseXForwardedPort: s.ForwardPort}
	switch v.Group {
	case "common":
		app.Use(every, &middleware.Common{DisallowedUserAgents: s.UserAgents, PrependWWW: s.PrependWWW,
			DisableAppendSlash: s.AppendSlash != nil && !*s.AppendSlash})
	case "security":
		mw, err := security(s)
		if err != nil {
			return nil, err
		}
		app.Use(every, mw)
	case "xframe":
		app.Use(&middleware.XFrameOptions{Value: s.XFrameOptions})
	case "conditional":
		app.Use(middleware.ConditionalGet{})
	case "gzip":
		app.Use(&middleware.GZip{})
	case "host":
		every.Allowed = s.AllowedHosts
		app.Use(every)
	default:
		return nil, fmt.Errorf("unknown group %q", v.Group)
	}
	routes(app, func(c *pipeline.Ctx) error {
		a.host = middleware.Host(c)
		return v.View.respond(c)
	})
	return app, nil
}

func security(s *settings) (*middleware.Security, error) {
	mw := &middleware.Security{SSLRedirect: s.SSLRedirect, SSLHost: s.SSLHost, RedirectExempt: s.RedirectExempt,
		HSTSSeconds: s.HSTSSeconds, HSTSIncludeSubdomains: s.HSTSSubdomains, HSTSPreload: s.HSTSPreload,
		DisableContentTypeNosniff: s.Nosniff != nil && !*s.Nosniff}
	if s.ProxySSLHeader[0] != "" {
		name := strings.ReplaceAll(strings.TrimPrefix(s.ProxySSLHeader[0], "HTTP_"), "_", "-")
		mw.ProxySSLHeader = [2]string{name, s.ProxySSLHeader[1]}
	}
	var err, err2 error
	mw.ReferrerPolicy, err = policy(s.ReferrerPolicy)
	mw.CrossOriginOpenerPolicy, err2 = policy(s.OpenerPolicy)
	return mw, errors.Join(err, err2)
}

// routes are the URLconf of the cases.
func routes(app *pipeline.App, h pipeline.Handler) {
	for _, pattern := range []string{"", "slash/", "noslash", "both", "both/", "needsquoting#/", "int/<int:n>/", "a b/"} {
		app.Path(pattern, h)
	}
	app.Path("sensitive/", h, middleware.NoAppendSlash)
	app.ErrorHandler(404, h)
}

// respond answers as the view of the case.
func (v *view) respond(c *pipeline.Ctx) error {
	status, body, length := v.Status, v.body(), int64(-1)
	if status == 0 {
		status = 200
	}
	for _, name := range slices.Sorted(maps.Keys(v.Headers)) {
		if name == "Content-Length" { // the server's own field; a stream may announce it
			length, _ = strconv.ParseInt(v.Headers[name], 10, 64)
			continue
		}
		if err := c.SetHeader(name, v.Headers[name]); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v.Cookies)) {
		if err := c.AddHeader("Set-Cookie", name+"="+v.Cookies[name]+"; Path=/"); err != nil {
			return err
		}
	}
	if !v.Stream {
		return c.Bytes(status, "text/html; charset=utf-8", []byte(body))
	}
	return c.Stream(status, "text/html; charset=utf-8", length, func(s *pipeline.Stream) error {
		_, err := io.WriteString(s, body)
		return err
	})
}

// method is GET when the case has none.
func (r *request) method() string {
	if r.Method == "" {
		return "GET"
	}
	return r.Method
}

// head is the request as it would be sent.
func (r *request) head() []byte {
	b := fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.method(), r.target(), r.host())
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		b = fmt.Appendf(b, "%s: %s\r\n", name, r.Headers[name])
	}
	return append(b, "\r\n"...)
}

// begin makes the request from bytes, as the server does, on a worker. When the parser refuses them it returns the status.
func begin(v *vector) (*pipeline.Ctx, int) {
	head := v.Request.head()
	c, limits := pipeline.NewCtx(), http1.DefaultLimits()
	if verdict := c.Head.Parse(head, &limits); verdict != http1.Complete {
		return nil, verdict.Status()
	}
	path, verdict := http1.AppendPath(nil, c.Head.Path.Of(head), true)
	if verdict.Failed() {
		return nil, verdict.Status()
	}
	c.Begin(&wire{secure: v.Request.Secure}, head, path)
	c.SetWorker(true)
	return c, 0
}

// wire is a Transport that keeps a streamed body.
type wire struct {
	secure bool
	body   []byte
}

func (*wire) ReadBody(*pipeline.Ctx, []byte) (int, error) { return 0, io.EOF }
func (w *wire) WriteBody(_ *pipeline.Ctx, p []byte) error {
	w.body = append(w.body, p...)
	return nil
}
func (*wire) FlushBody(*pipeline.Ctx) error               { return nil }
func (*wire) Interim(*pipeline.Ctx, int) error            { return nil }
func (*wire) OnGone(*pipeline.Ctx, func())                {}
func (*wire) Remote() netip.AddrPort                      { return netip.MustParseAddrPort("127.0.0.1:1024") }
func (*wire) Local() netip.AddrPort                       { return netip.MustParseAddrPort("127.0.0.1:80") }
func (w *wire) Secure() bool                              { return w.secure }
func (*wire) Shard() int                                  { return 0 }
func (*wire) Ticks() uint32                               { return 0 }
func (*wire) Date() (int64, *[29]byte)                    { return 0, new([29]byte) }
func (*wire) Plain() bool                                 { return false }
func (*wire) AppendHead(b []byte, _ *pipeline.Ctx) []byte { return b }
