package front

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/router"
	"github.com/wheelpit/wheelpit/server/script"
)

// Query is a request to be explained.
type Query struct {
	// Method is GET when it is empty.
	Method string
	// URL is "http://host[:port]/path?query", or "/path" for the first address and the host "localhost".
	URL string
	// Fields are further header fields, "Name: value"; a Host takes the place of the URL's.
	Fields []string
	// To is the address connected to, "127.0.0.1:8080" or "unix:/path". Default: the URL's, when its host is an address;
	// a name is not looked up, and is taken to lead to an address that accepts for all.
	To string
	// From is the client; default 127.0.0.1.
	From netip.Addr
}

// source is what a location was compiled from. matcher is nil unless it is a regular expression; handled says that a directive
// of the block names what answers.
type source struct {
	scope   *scope
	matcher router.Matcher
	handled bool
}

// Explain takes a request through the compiled configuration as a server would, and tells each decision. It uses what serves:
// the choice of server and location, the rewrite module, try_files, index and error_page are executed, and files are looked
// at; hooks that limit and allow are listed and taken to let the request pass, and nothing is sent to upstreams. The Plan
// must have been built with Options.Explain. One goroutine at a time may call it.
func (p *Plan) Explain(q Query) (*Explanation, error) {
	if !p.explain {
		return nil, errors.New("front: the plan was not built with Options.Explain")
	}
	w := &walk{rt: p.Runtime}
	head, at, err := w.readQuery(q)
	if err != nil {
		return nil, err
	}
	c := pipeline.NewCtx()
	defer c.Reset()
	limits := http1.DefaultLimits()
	if v := c.Head.Parse(head, &limits); v != http1.Complete {
		return nil, fmt.Errorf("front: the request is refused with %d: %s", v.Status(), v)
	}
	path, v := http1.AppendPath(nil, c.Head.Path.Of(head), at.def.scope.on("merge_slashes", true))
	if v.Failed() {
		return nil, fmt.Errorf("front: the path is refused with %d: %s", v.Status(), v)
	}
	w.conn = &dryConn{at: at, from: netip.AddrPortFrom(q.From, 50000), to: w.local(at)}
	c.SetWorker(true)
	c.Begin(w.conn, head, path)
	c.Set(walkKey{}, w)
	w.c, w.r = c, requestOf(c)
	w.out.Method, w.out.Target, w.out.Host = c.Method(), string(c.Head.Target.Of(head)), string(c.HostBytes())
	w.walk()
	return &w.out, nil
}

// readQuery makes the head of the request, and finds where it arrives.
func (w *walk) readQuery(q Query) (head []byte, at *address, err error) {
	if len(w.rt.addresses) == 0 {
		return nil, nil, errors.New("front: the configuration listens nowhere")
	}
	host, target := "", q.URL
	if !strings.HasPrefix(target, "/") {
		u, err := url.Parse(target)
		if err != nil || u.Scheme != "http" || u.Host == "" {
			return nil, nil, fmt.Errorf("front: %q is no URL of the kind http://host/path, or path", q.URL)
		}
		host, target = u.Host, strings.TrimPrefix(target[len("http://"):], u.User.String())
		if target = strings.TrimPrefix(target, u.Host); target == "" || target[0] != '/' {
			target = "/" + target
		}
	}
	target, _, _ = strings.Cut(target, "#")
	if at, err = w.arrive(q.To, host); err != nil {
		return nil, nil, err
	}
	if host == "" {
		host = "localhost"
	}
	method := q.Method
	if method == "" {
		method = "GET"
	}
	head = fmt.Appendf(nil, "%s %s HTTP/1.1\r\n", method, target)
	for _, f := range q.Fields {
		name, value, ok := strings.Cut(f, ":")
		if !ok {
			return nil, nil, fmt.Errorf("front: %q is no header field of the kind Name: value", f)
		}
		if value = strings.TrimSpace(value); strings.EqualFold(name, "Host") {
			host = value
			continue
		}
		head = http1.AppendField(head, name, value)
	}
	return append(http1.AppendField(head, "Host", host), "\r\n"...), at, nil
}

// watch returns what a program tells its steps to, nil when nobody asks.
func (b *builder) watch() func(*pipeline.Ctx, script.Step) {
	if !b.opt.Explain {
		return nil
	}
	return func(c *pipeline.Ctx, s script.Step) {
		if w, ok := c.Get(walkKey{}).(*walk); ok {
			w.ran(s)
		}
	}
}
