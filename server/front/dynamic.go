package front

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/proxy"
	"github.com/wheelpit/wheelpit/server/resolver"
	"github.com/wheelpit/wheelpit/server/upstream"
)

// dynamic finds the servers of addresses with variables, which come with each request: an upstream block, or a passing directive
// without variables, of that name; an IP address; or what the resolver says.
type dynamic struct {
	named, implicit map[string]*proxy.Upstream // named by names in lower case
	resolve         *resolving                 // nil without the directive resolver
	patient         bool                       // a client that leaves is ignored

	mu    sync.RWMutex
	known map[string]*found // by "host:port"
}

// found is a name with the servers that it meant last.
type found struct {
	addrs []netip.Addr // nil when the name is an address itself
	up    *proxy.Upstream
}

// maxFound bounds the names that are remembered; NGINX makes servers anew for each request.
const maxFound = 1024

func (b *builder) dynamic(s *scope) *dynamic {
	y := &dynamic{named: b.upstreams, implicit: b.implicit, resolve: b.resolving(s), known: map[string]*found{}}
	for _, name := range []string{"proxy", "fastcgi", "uwsgi", "scgi"} {
		if len(s.own[name+"_pass"]) > 0 {
			y.patient = s.on(name+"_ignore_client_abort", false)
		}
	}
	return y
}

// find returns the servers of "host[:port]". On a reactor it returns pipeline.ErrSuspend while the name is looked up, and finds them
// when it is called again for the same request.
func (y *dynamic) find(c *pipeline.Ctx, host, port string) (*proxy.Upstream, error) {
	if u := y.named[strings.ToLower(host)]; u != nil { // most are in lower case: nothing is copied
		return u, nil
	}
	full := host
	if !strings.HasPrefix(host, "unix:") && !hasPort(host) {
		full = host + ":" + port
	}
	if u := y.implicit[full]; u != nil {
		return u, nil
	}
	if _, err := netip.ParseAddrPort(full); err == nil || strings.HasPrefix(full, "unix:") {
		return y.group(full, nil)
	}
	name, _, err := net.SplitHostPort(full)
	if err != nil {
		requestOf(c).Log("error", `invalid port in upstream "`+host+`"`)
		return nil, &statusErrors[500]
	}
	addrs, err := y.lookUp(c, name)
	if err != nil {
		return nil, err
	}
	return y.group(full, addrs)
}

// group returns the servers of a name, those that it had before when they have not changed. Failures of them are not counted: they
// may be anybody's.
func (y *dynamic) group(full string, addrs []netip.Addr) (*proxy.Upstream, error) {
	y.mu.RLock()
	f := y.known[full]
	y.mu.RUnlock()
	if f != nil && sameAddrs(f.addrs, addrs) {
		return f.up, nil
	}
	full = strings.Clone(full) // of the request's memory
	server := upstream.ServerConfig{Address: full, MaxFails: -1, Addrs: upstream.Addrs(full)}
	if addrs != nil {
		_, port, _ := net.SplitHostPort(full)
		server.Addrs = addrsOf(addrs, port)
	}
	g, err := upstream.New(upstream.Config{Name: full, Servers: []upstream.ServerConfig{server}})
	if err != nil {
		return nil, err
	}
	f = &found{slices.Clone(addrs), proxy.NewUpstream(full, full, g, proxy.KeepAlive{})}
	y.mu.Lock()
	if len(y.known) >= maxFound {
		clear(y.known)
	}
	y.known[full] = f
	y.mu.Unlock()
	return f.up, nil
}

// sameAddrs tells whether two answers have the same addresses. The resolver begins each at another one.
func sameAddrs(a, b []netip.Addr) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return true
}

func addrsOf(addrs []netip.Addr, port string) (list []upstream.Addr) {
	for _, a := range addrs {
		list = append(list, upstream.Addr{Text: net.JoinHostPort(a.String(), port)})
	}
	return list
}

// lookUp returns the addresses of a name: what the resolver remembers, or, after a while, what it finds.
func (y *dynamic) lookUp(c *pipeline.Ctx, name string) ([]netip.Addr, error) {
	r := requestOf(c)
	if y.resolve == nil {
		r.Log("error", resolver.NoResolver+name)
		return nil, &statusErrors[502]
	}
	if l := r.lookup; l != nil { // resumed
		r.lookup = nil
		return r.addresses(&l.result)
	}
	if addrs, ok := y.resolve.res.Cached([]byte(name), time.Now()); ok {
		return addrs, nil
	}
	name = strings.Clone(name)
	if s, ok := c.Transport().(server.Suspender); ok && !c.OnWorker() {
		l := &lookup{carrier: s, reactor: s.Reactor(), patient: y.patient}
		r.lookup = l
		s.Suspend(l)
		y.resolve.res.Lookup(name, y.resolve.timeout, l.found)
		return nil, pipeline.ErrSuspend
	}
	answer := make(chan resolver.Result, 1)
	y.resolve.res.Lookup(name, y.resolve.timeout, func(res resolver.Result) { answer <- res })
	gone := c.Context().Done()
	if y.patient {
		gone = nil
	}
	select {
	case res := <-answer:
		return r.addresses(&res)
	case <-gone:
		return nil, &pipeline.Error{Status: 499, Err: context.Cause(c.Context())}
	}
}

// addresses are those of an answer; an error is logged.
func (r *request) addresses(res *resolver.Result) ([]netip.Addr, error) {
	if res.Err != nil {
		r.Log("error", res.Err.Error())
		return nil, &statusErrors[502]
	}
	return res.Addrs, nil
}

// lookup is a request that is suspended until a name is resolved.
type lookup struct {
	carrier server.Suspender
	reactor *loop.Reactor
	result  resolver.Result
	patient bool
	gone    bool // the request has ended; the reactor's
}

var _ server.Waiter = (*lookup)(nil)

// found is the resolver's callback.
func (l *lookup) found(res resolver.Result) {
	l.result = res
	l.reactor.Post(func() {
		if !l.gone {
			l.carrier.Resume()
		}
	})
}

// Gone ends the wait when the client leaves; see server.Waiter.
func (l *lookup) Gone(lost bool) bool {
	if !lost && l.patient {
		return false
	}
	l.gone = true
	return true
}

// Drained and Remind are never called: nothing is sent, and no reminder is asked for, while a request waits.
func (l *lookup) Drained() {}

// Remind is for who asked for it.
func (l *lookup) Remind() {}
