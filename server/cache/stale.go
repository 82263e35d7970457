package cache

// Stale is a set of reasons for which a stale response may be served (NGINX: proxy_cache_use_stale), and one of them when asked.
type Stale uint16

// The words of proxy_cache_use_stale.
const (
	StaleOnError Stale = 1 << iota
	StaleOnTimeout
	StaleOnInvalidHeader
	StaleOnUpdating
	StaleOn403
	StaleOn404
	StaleOn429
	StaleOn500
	StaleOn502
	StaleOn503
	StaleOn504

	// staleNoResponse are those for which there is no response of the upstream.
	staleNoResponse = StaleOnError | StaleOnTimeout | StaleOnInvalidHeader
)

// StaleOnStatus returns the reason that a status of the upstream is, 0 for none.
func StaleOnStatus(status int) Stale {
	switch status {
	case 403:
		return StaleOn403
	case 404:
		return StaleOn404
	case 429:
		return StaleOn429
	case 500:
		return StaleOn500
	case 502:
		return StaleOn502
	case 503:
		return StaleOn503
	case 504:
		return StaleOn504
	}
	return 0
}

// Plan is what to do with a stale entry.
type Plan uint8

// The plans of Decide.
const (
	// Fetch: ask the upstream, with the entry's validators if it shall be revalidated; see Entry.ServeStale when that fails.
	Fetch Plan = iota
	// ServeStale: send the entry; another request updates it.
	ServeStale
	// ServeAndUpdate: send the entry, and have another request, which takes over this one's lock, fetch in the background.
	ServeAndUpdate
)

// Decide says what to do after the verdicts Expired and Updating (ngx_http_upstream_cache). use is proxy_cache_use_stale; background is
// proxy_cache_background_update. The request that fetches in the background does not ask: it fetches.
func (e *Entry) Decide(v Verdict, use Stale, background bool, now int64) Plan {
	if use&StaleOnUpdating == 0 && !e.within(e.meta.Updating, now) {
		return Fetch
	}
	switch {
	case v == Updating:
		return ServeStale
	case v == Expired && background:
		return ServeAndUpdate
	}
	return Fetch
}

// ServeStale tells whether the entry may be served because the upstream failed. stale-if-error counts when there is no response; a
// 5xx of the upstream is one (NGINX since 1.19.3), for which use must say so.
func (e *Entry) ServeStale(why, use Stale, now int64) bool {
	return use&why != 0 || why&staleNoResponse != 0 && e.within(e.meta.Error, now)
}

// within tells whether no more than window seconds have passed since the entry was fresh.
func (e *Entry) within(window, now int64) bool { return add(e.meta.Valid, window) >= now/1000 }

// HandOver gives the lock of r, after the verdict Expired, to the request that updates the entry in the background: to gets its own
// reference to the entry. to must have been Reset with the same zone, key and fields.
func (r *Request) HandOver(to *Request) {
	to.drop()
	to.unmark()
	to.sum = r.sum
	if r.entry != nil {
		to.entry = r.entry.Acquire()
	}
	to.marked, to.markSum, to.token = r.marked, r.markSum, r.token
	r.marked = false
}
