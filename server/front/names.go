package front

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/resolver"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// nameOfServer is a server of an upstream block whose addresses come from a name server, again and again: parameter resolve.
type nameOfServer struct {
	back          *background
	group         *upstream.Group
	id            int
	host, service string
	port          string
	by            *resolving
}

// resolveNames sees to it that the names of a group are resolved while it serves.
func (b *builder) resolveNames(s *scope, block *conf.Directive, g *upstream.Group) {
	names := g.Snapshot(0).Names
	by := b.resolving(s)
	switch {
	case by != nil && b.rt.byGroup == nil:
		b.rt.byGroup = map[*upstream.Group]*resolving{}
		fallthrough
	case by != nil:
		b.rt.byGroup[g] = by
	case len(names) > 0:
		b.fail(block, `no resolver defined to resolve names at run time in upstream "%s"`, g.Name())
		return
	}
	if len(names) > 0 && len(s.own["zone"]) == 0 {
		b.fail(block, `resolving names at run time requires upstream "%s" to be in shared memory`, g.Name())
		return
	}
	rt := b.rt
	rt.back.early.Add(len(names))
	rt.back.add(func(ctx context.Context) {
		for _, n := range g.Snapshot(0).Names { // not before now: Adopt has numbered them anew
			o := rt.nameOf(g, n, by)
			rt.back.run(func(ctx context.Context) { o.keep(ctx, sync.OnceFunc(rt.back.early.Done)) })
		}
	})
}

// nameOf makes of a name what keep resolves.
func (rt *Runtime) nameOf(g *upstream.Group, n upstream.NameStatus, by *resolving) *nameOfServer {
	o := &nameOfServer{back: &rt.back, group: g, id: n.ID, service: n.Conf.Service, by: by}
	o.host, o.port = n.Conf.Address, "80"
	if h, p, err := net.SplitHostPort(n.Conf.Address); err == nil {
		o.host, o.port = h, p
	}
	return o
}

// keep resolves the name whenever what is known of it expires, until ctx ends or the server is removed. told is called after the
// first answer.
func (o *nameOfServer) keep(ctx context.Context, told func()) {
	defer told()
	answers := make(chan resolver.Result, 1)
	for {
		take := func(r resolver.Result) { answers <- r }
		if o.service != "" {
			o.by.res.LookupService(o.service, o.host, o.by.timeout, take)
		} else {
			o.by.res.Lookup(o.host, o.by.timeout, take)
		}
		var r resolver.Result
		select {
		case r = <-answers:
		case <-ctx.Done():
			return
		}
		wait, known := o.heed(r)
		if told(); !known {
			return
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// heed gives the group its new addresses and returns when to ask again; known is false when the server was removed. A name that
// does not exist has no addresses; after other errors those that are known stay (as in NGINX).
func (o *nameOfServer) heed(r resolver.Result) (wait time.Duration, known bool) {
	if r.Err != nil {
		o.tell(r.Err)
		if e, ok := r.Err.(*resolver.Error); !ok || e.Code != resolver.HostNotFound {
			return max(o.by.timeout, time.Second), true
		}
	}
	if err := o.group.SetAddrs(o.id, o.addrs(&r), time.Now().UnixMilli()); err != nil {
		return 0, false
	}
	return max(time.Until(r.Valid), time.Second), true
}

// tell writes to the log why the name was not resolved.
func (o *nameOfServer) tell(err error) {
	text := err.Error()
	if e, ok := err.(*resolver.Error); ok && o.service != "" {
		text = fmt.Sprintf("service %s of %s could not be resolved (%d: %s)", o.service, o.host, int(e.Code), e.Code)
	}
	o.back.printf(errlog.Error, "%s", text)
}

// addrs are the addresses of an answer as the group takes them: services bring port, weight and priority.
func (o *nameOfServer) addrs(r *resolver.Result) (list []upstream.Addr) {
	if o.service == "" {
		return addrsOf(r.Addrs, o.port)
	}
	for i := range r.Services {
		v := &r.Services[i]
		list = append(list, upstream.Addr{
			Text: v.Addr.String(), Host: strings.TrimSuffix(v.Name, "."), Weight: int(v.Weight),
			Backup: v.Priority != r.Services[0].Priority, // they come in the order of their priorities
		})
	}
	return list
}
