package resolver

import (
	"cmp"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"
)

// maxTargets is how many hosts of one service are looked up.
const maxTargets = 100

// A target is a host of a service.
type target struct {
	record
	addrs []netip.Addr
}

// targets looks up the hosts of a service, all at once, and puts their addresses in order.
func (r *Resolver) targets(q *question, e *entry) Result {
	records := slices.Clone(e.records)
	slices.SortStableFunc(records, func(a, b record) int { return cmp.Compare(a.priority, b.priority) })
	records = records[:min(len(records), maxTargets)]
	type host struct {
		index int
		res   Result
	}
	found := make(chan host, len(records))
	for i, rec := range records {
		r.Lookup(rec.name, q.timeout, func(res Result) { found <- host{i, res} })
	}
	all := make([]target, len(records))
	valid, code := e.valid, Code(0)
	for range records {
		select {
		case <-q.ctx.Done():
			return failure(q.key.name, TimedOut, r.cfg.Valid)
		case h := <-found:
			all[h.index] = target{records[h.index], h.res.Addrs}
			valid, code = heed(h.res, valid, code)
		}
	}
	if services := order(all); len(services) > 0 {
		return Result{Name: q.key.name, Services: services, Valid: valid}
	}
	return failure(q.key.name, code, r.cfg.Valid)
}

// heed takes one host's answer into account: how long the whole is valid, and what is wrong if no host has an address,
// which is preferably that there is none.
func heed(res Result, valid time.Time, code Code) (time.Time, Code) {
	if e, ok := res.Err.(*Error); ok {
		if code == 0 || e.Code == HostNotFound {
			code = e.Code
		}
		return valid, code
	}
	if res.Valid.Before(valid) {
		valid = res.Valid
	}
	return valid, code
}

// order lays out the addresses of hosts that are sorted by priority. Among those of one priority it begins with a random
// one, with a chance by weight and number of addresses, and goes around from there, as NGINX does.
func order(all []target) (services []Service) {
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].priority == all[0].priority {
			n++
		}
		group, total := all[:n], 0
		for _, t := range group {
			total += int(t.weight) * len(t.addrs)
		}
		first := 0
		if total > 0 {
			for w := rand.IntN(total); w >= int(group[first].weight)*len(group[first].addrs); first++ {
				w -= int(group[first].weight) * len(group[first].addrs)
			}
		}
		for i := range group {
			t := group[(first+i)%n]
			for _, addr := range t.addrs {
				services = append(services, Service{netip.AddrPortFrom(addr, t.port), t.name, t.priority, t.weight})
			}
		}
		all = all[n:]
	}
	return services
}
