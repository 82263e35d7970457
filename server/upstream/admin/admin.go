package admin

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/server/upstream"
)

// Handler answers requests of the API. Its methods may be called from any goroutine; they may block, so not from a reactor.
type Handler struct {
	// Prefix is what all paths begin with, as "/api/9".
	Prefix string
	// Groups lists the groups as they are now.
	Groups func() []*upstream.Group
	// ReadOnly refuses all but GET (NGINX Plus: api without write=on).
	ReadOnly bool
	// Resolve returns what is told of a server that was added to g by name, and has no addresses yet. When it is nil, or returns nil,
	// names are refused.
	Resolve func(g *upstream.Group) func(id int)
}

// Answer is what to respond with; its body is JSON.
type Answer struct {
	Status int
	// Location and Allow are fields of the response unless they are empty.
	Location, Allow string
	Body            []byte
}

// call is one request.
type call struct {
	*Handler
	method string
	body   []byte
	now    int64
}

// Do answers one request.
func (h *Handler) Do(method, path string, body []byte) Answer {
	rest, ok := strings.CutPrefix(path, h.Prefix)
	if !ok {
		return notFound("PathNotFound", "path not found")
	}
	c := &call{h, method, body, time.Now().UnixMilli()}
	switch segments := strings.Split(strings.Trim(rest, "/"), "/"); {
	case len(segments) == 1 && segments[0] == "":
		return c.index("http")
	case len(segments) == 1 && segments[0] == "http":
		return c.index("upstreams")
	case len(segments) < 2 || segments[0] != "http" || segments[1] != "upstreams":
		return notFound("PathNotFound", "path not found")
	case len(segments) == 2:
		return c.groups()
	default:
		return c.group(segments[2], segments[3:])
	}
}

// index lists what is below a path.
func (c *call) index(names ...string) Answer {
	if a, ok := c.allowed("GET"); !ok {
		return a
	}
	return answer(200, names)
}

// allowed tells whether the method is one of those that a path takes, and may be used.
func (c *call) allowed(methods ...string) (Answer, bool) {
	if c.ReadOnly {
		methods = methods[:1]
	}
	method := c.method
	if method == "HEAD" {
		method = "GET"
	}
	for _, m := range methods {
		if m == method {
			return Answer{}, true
		}
	}
	a := failure(405, "MethodDisabled", "method disabled")
	a.Allow = strings.Join(methods, ", ")
	return a, false
}

func (c *call) groups() Answer {
	if a, ok := c.allowed("GET"); !ok {
		return a
	}
	all := map[string]groupJSON{}
	for _, g := range c.Groups() {
		all[g.Name()] = showGroup(g.Snapshot(c.now))
	}
	return answer(200, all)
}

func (c *call) group(name string, below []string) Answer {
	var g *upstream.Group
	for _, each := range c.Groups() {
		if each.Name() == name {
			g = each
		}
	}
	switch {
	case g == nil:
		return notFound("UpstreamNotFound", "upstream not found")
	case len(below) == 0:
		return c.oneGroup(g)
	case below[0] != "servers" || len(below) > 2:
		return notFound("PathNotFound", "path not found")
	case len(below) == 1:
		return c.servers(g)
	}
	id, err := strconv.Atoi(below[1])
	if err != nil || id < 0 {
		return failure(400, "UpstreamBadServerId", "invalid server id")
	}
	return c.server(g, id)
}

func (c *call) oneGroup(g *upstream.Group) Answer {
	if a, ok := c.allowed("GET", "DELETE"); !ok {
		return a
	}
	if c.method == "DELETE" {
		g.ResetCounters()
		return Answer{Status: 204}
	}
	return answer(200, showGroup(g.Snapshot(c.now)))
}

func (c *call) servers(g *upstream.Group) Answer {
	if a, ok := c.allowed("GET", "POST"); !ok {
		return a
	}
	if c.method == "POST" {
		return c.add(g)
	}
	return answer(200, showServers(g.Snapshot(c.now)))
}

func (c *call) add(g *upstream.Group) Answer {
	var s serverJSON
	if err := decode(c.body, &s); err != nil {
		return confError(err)
	}
	conf, err := s.config()
	if err != nil {
		return confError(err)
	}
	var resolve func(id int)
	if c.Resolve != nil {
		resolve = c.Resolve(g)
	}
	conf.Resolve = resolve != nil && conf.Addrs == nil
	id, err := g.Add(conf, c.now)
	if err != nil {
		return editError(err)
	}
	if shown, ok := find(g.Snapshot(c.now), id); ok {
		if shown.Host != "" && resolve != nil {
			resolve(id)
		}
		a := answer(201, shown)
		a.Location = c.Prefix + "/http/upstreams/" + g.Name() + "/servers/" + strconv.Itoa(id) + "/"
		return a
	}
	return notFound("UpstreamServerNotFound", "server not found")
}

func (c *call) server(g *upstream.Group, id int) Answer {
	if a, ok := c.allowed("GET", "PATCH", "DELETE"); !ok {
		return a
	}
	var err error
	switch c.method {
	case "PATCH":
		var change changeJSON
		if err := decode(c.body, &change); err != nil {
			return confError(err)
		}
		err = g.Change(id, change.change(), c.now)
	case "DELETE":
		if err = g.Remove(id, c.now); err == nil {
			return answer(200, showServers(g.Snapshot(c.now)))
		}
	}
	if err != nil {
		return editError(err)
	}
	if shown, ok := find(g.Snapshot(c.now), id); ok {
		return answer(200, shown)
	}
	return notFound("UpstreamServerNotFound", "server not found")
}

// editError makes an answer of what a group says of a change.
func editError(err error) Answer {
	switch {
	case errors.Is(err, upstream.ErrNoServer):
		return notFound("UpstreamServerNotFound", "server not found")
	case errors.Is(err, upstream.ErrExists):
		return failure(409, "EntryExists", "server exists")
	case errors.Is(err, upstream.ErrResolved):
		return failure(400, "UpstreamServerImmutable", "server was resolved from a name")
	}
	return confError(err)
}

func confError(err error) Answer {
	return failure(400, "UpstreamConfFormatError", err.Error())
}

func notFound(code, text string) Answer { return failure(404, code, text) }

func failure(status int, code, text string) Answer {
	var e errorJSON
	e.Error.Status, e.Error.Code, e.Error.Text = status, code, text
	return answer(status, e)
}

func answer(status int, v any) Answer {
	body, err := json.Marshal(v)
	if err != nil { // nothing that is shown can fail
		return Answer{Status: 500}
	}
	return Answer{Status: status, Body: body}
}
