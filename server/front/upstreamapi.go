package front

import (
	"context"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/upstream"
	"github.com/wheelpit/wheelpit/server/upstream/admin"
)

// apiVersion is that of NGINX Plus' API whose paths and JSON upstream_api has.
const apiVersion = "/9"

// upstreamAPI compiles upstream_api: NGINX Plus' API, as far as it is about upstreams, below the location's prefix.
func (b *builder) upstreamAPI(s *scope, d *conf.Directive) func(r *request) error {
	m, _ := s.block.Value.(conf.LocationMatch)
	prefix := strings.TrimSuffix(prefixOf(&m), "/")
	rt := b.rt
	h := &admin.Handler{
		Prefix: prefix + apiVersion, ReadOnly: len(d.Args) == 0 || d.Args[0] != "write=on",
		Groups: func() []*upstream.Group { return rt.groups }, Resolve: rt.resolveAdded,
	}
	return func(r *request) error {
		if !r.c.OnWorker() {
			return pipeline.ErrOffload
		}
		if strings.TrimSuffix(r.c.PathView(), "/") == prefix {
			return r.c.Bytes(200, "application/json", []byte("["+apiVersion[1:]+"]"))
		}
		r.bodyRead = true
		return h.Handle(r.c)
	}
}

// resolveAdded returns what resolves the name of a server that was added to g at run time; nil when g has no resolver.
func (rt *Runtime) resolveAdded(g *upstream.Group) func(id int) {
	by := rt.byGroup[g]
	if by == nil {
		return nil
	}
	return func(id int) {
		for _, n := range g.Snapshot(0).Names {
			if n.ID == id {
				o := rt.nameOf(g, n, by)
				rt.back.run(func(ctx context.Context) { o.keep(ctx, func() {}) })
			}
		}
	}
}
