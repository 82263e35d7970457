package resolver

import (
	"context"
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// A step is a name on the way along CNAMEs, and until when it leads on.
type step struct {
	key   key
	valid time.Time
}

// walk finds the answer to k, in the cache or by asking, and follows CNAMEs. Every name on the way gets the answer, for as
// long as all that lead from it to the end are valid.
func (r *Resolver) walk(ctx context.Context, k key) (*entry, Code) {
	var steps []step
	for len(steps) <= MaxChain {
		if e := r.cache.get(k, time.Now()); e != nil {
			return r.keep(steps, e), 0
		}
		queries := r.queries(k)
		if queries == nil {
			return nil, HostNotFound // no name of DNS
		}
		if !r.exchange(ctx, queries) {
			return nil, TimedOut
		}
		a := merge(queries)
		if a.code != 0 {
			return nil, a.code
		}
		if r.cfg.Valid > 0 {
			a.ttl = r.cfg.Valid
		}
		steps = append(steps, step{k, time.Now().Add(a.ttl)})
		switch {
		case len(a.addrs)+len(a.records)+len(a.ptr) > 0:
			twice := append(a.addrs[:len(a.addrs):len(a.addrs)], a.addrs...)
			return r.keep(steps, &entry{valid: steps[len(steps)-1].valid, addrs: twice, records: a.records, ptr: a.ptr}), 0
		case a.cname == "":
			return nil, HostNotFound
		}
		k.name = a.cname
	}
	return nil, HostNotFound
}

// keep puts e into the cache for all steps, from the last to the first, and returns it as the first has it.
func (r *Resolver) keep(steps []step, e *entry) *entry {
	now := time.Now()
	for i := len(steps) - 1; i >= 0; i-- {
		if s := steps[i]; s.valid.Before(e.valid) {
			shorter := *e
			shorter.valid = s.valid
			e = &shorter
		}
		r.cache.put(steps[i].key, e, now)
	}
	return e
}

// queries returns what is to be asked, nil when the name cannot be.
func (r *Resolver) queries(k key) (queries []*query) {
	types := []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA}
	switch {
	case k.kind == services:
		types = []dnsmessage.Type{dnsmessage.TypeSRV}
	case k.kind == reverse:
		types = []dnsmessage.Type{dnsmessage.TypePTR}
	case r.cfg.NoIPv4:
		types = types[1:]
	case r.cfg.NoIPv6:
		types = types[:1]
	}
	for _, t := range types {
		q := newQuery(k.name, t)
		if q == nil {
			return nil
		}
		queries = append(queries, q)
	}
	return queries
}

// merge makes one answer of those to all queries. As in NGINX an error of one is the error of all, and without addresses the last
// query says whether a CNAME leads on: one that is answered with nothing at all ends the way.
func merge(queries []*query) (all answer) {
	all.ttl = maxTTL
	addrs := []netip.Addr{}
	for _, q := range queries {
		a := &q.answer
		if all.code == 0 {
			all.code = a.code
		}
		all.cname = a.cname
		all.ttl = min(all.ttl, a.ttl)
		addrs = append(addrs, a.addrs...)
		all.records, all.ptr = a.records, a.ptr
	}
	all.addrs = addrs
	return all
}
