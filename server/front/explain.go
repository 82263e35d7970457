package front

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/router"
	"github.com/wheelpit/wheelpit/server/conf"
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

// At is a place in a configuration; the zero value is none.
type At struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

func (a At) String() string {
	if a.File == "" {
		return ""
	}
	return a.File + ":" + strconv.Itoa(a.Line)
}

// Explanation is what becomes of a request.
type Explanation struct {
	Method string `json:"method"`
	Target string `json:"target"`
	Host   string `json:"host"`
	// Steps are the decisions in the order they are made; an internal redirect goes back to an earlier one.
	Steps []Step `json:"steps"`
	// Server and Location are those that the request ends in, as they stand in the configuration. Location is empty when
	// none matches and the server itself answers.
	Server   Chosen `json:"server"`
	Location Chosen `json:"location"`
	// URI is the normalised path at the end, with its arguments.
	URI string `json:"uri"`
	// Status is the answer when it is known without the content: of a return, a redirect, a refusal; 0 when it is not.
	Status int `json:"status,omitempty"`
	// Redirect is the Location of the answer.
	Redirect string `json:"redirect,omitempty"`
	// Content is what answers: "static file", or a directive. File is the file it would send, Peers are the addresses of the
	// upstream group, App is the route of an application and what runs for it.
	Content string   `json:"content,omitempty"`
	File    string   `json:"file,omitempty"`
	Peers   []string `json:"peers,omitempty"`
	App     string   `json:"app,omitempty"`
	// Runs are the directives in effect at the end, by phase, in the order of the phases.
	Runs []Phase `json:"runs"`
}

// Chosen is a block of the configuration.
type Chosen struct {
	Text string `json:"text"`
	At   At     `json:"at"`
}

// Step is one decision.
type Step struct {
	// Kind is "listen", "server", "location", or a directive: "rewrite", "if", "try_files", "index", "error_page" ...
	Kind string `json:"kind"`
	// Text says what was decided, At where the configuration says so.
	Text string `json:"text"`
	At   At     `json:"at"`
	// Candidates are what was considered, in order.
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Candidate is what a choice was made from.
type Candidate struct {
	Text    string `json:"text"`
	At      At     `json:"at"`
	Verdict string `json:"verdict"`
	Chosen  bool   `json:"chosen,omitempty"`
}

// Phase is a phase of NGINX with the directives that are in effect in it.
type Phase struct {
	Name       string   `json:"name"`
	Directives []Chosen `json:"directives"`
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

// arrive finds the address a connection comes to: by the address if it is known, else by the port.
func (w *walk) arrive(to, authority string) (*address, error) {
	if to == "" {
		to = authority
	}
	step := Step{Kind: "listen"}
	var at *address
	host, port := splitHostPort(to)
	ip, _ := netip.ParseAddr(host)
	if host == "localhost" {
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	best := 0
	for _, a := range w.rt.addresses {
		rank, why := a.accepts(to, ip, port)
		if port == -1 && at != nil {
			rank, why = 0, "is not the first"
		}
		if rank > best {
			best, at = rank, a
		}
		step.Candidates = append(step.Candidates, Candidate{Text: a.addr, At: a.placeOf(a.def), Verdict: why})
	}
	if at == nil {
		return nil, fmt.Errorf("front: nothing listens on %s, only on %s", to, w.rt.listening())
	}
	for i := range step.Candidates {
		step.Candidates[i].Chosen = w.rt.addresses[i] == at
	}
	step.Text, step.At = at.addr, at.placeOf(at.def)
	w.step(step)
	return at, nil
}

// listening lists the addresses, for a message.
func (rt *Runtime) listening() string {
	list := make([]string, len(rt.addresses))
	for i, a := range rt.addresses {
		list[i] = a.addr
	}
	return strings.Join(list, ", ")
}

// splitHostPort cuts an authority; the port is 80 by default, and -1 for an empty one.
func splitHostPort(authority string) (host string, port int) {
	if authority == "" {
		return "", -1
	}
	host, text, err := net.SplitHostPort(authority)
	if err != nil {
		return strings.Trim(authority, "[]"), 80
	}
	port, _ = strconv.Atoi(text)
	return host, port
}

// accepts tells how well an address fits a connection, 0 for not at all, and why.
func (a *address) accepts(to string, ip netip.Addr, port int) (rank int, why string) {
	switch {
	case port == -1:
		return 1, "no address was given, the first is taken"
	case a.addr == to:
		return 4, "is the address"
	case a.listen.Network != "tcp" || strings.HasPrefix(to, "unix:"):
		return 0, "is another socket"
	case a.port != port:
		return 0, "is another port"
	case a.host == "" && (!ip.IsValid() || ip.Is4()), a.host == "::" && (!ip.IsValid() || !ip.Is4() || !a.listen.IPv6Only):
		return 2, "accepts for every address"
	case !ip.IsValid():
		return 1, "may be where the name leads"
	}
	if own, err := netip.ParseAddr(a.host); err == nil && own == ip {
		return 4, "is the address"
	}
	return 0, "is another address"
}

// placeOf is the listen directive of a server for an address.
func (a *address) placeOf(srv *virtual) At {
	for _, d := range srv.scope.own["listen"] {
		if l, ok := d.Value.(*conf.Listen); ok && l.Network == a.listen.Network && l.Path == a.listen.Path &&
			l.Host == a.listen.Host && a.port >= l.Port && a.port <= max(l.LastPort, l.Port) {
			return placeOf(d)
		}
	}
	return placeOf(srv.scope.block)
}

func placeOf(d *conf.Directive) At {
	if d == nil {
		return At{}
	}
	return At{d.File(), d.Line()}
}

// textOf is a directive as it stands in the configuration, without its block.
func textOf(d *conf.Directive) string {
	words := append([]string{d.Name}, d.Args...)
	for i, word := range words {
		if i > 0 && (word == "" || strings.ContainsAny(word, " \t\r\n;{}\"'")) && !strings.Contains(word, "${") {
			words[i] = `"` + strings.ReplaceAll(word, `"`, `\"`) + `"`
		}
	}
	return strings.ReplaceAll(strings.Join(words, " "), `" )`, `")`) // of an if
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
