package proxy

import (
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/cache"
)

// Caching says how answers are kept and found again (NGINX proxy_cache and its companions).
type Caching struct {
	// Zone keeps the answers; ZoneOf finds it for each request, nil for none (variables in proxy_cache).
	Zone   *cache.Zone
	ZoneOf func(c *pipeline.Ctx) (*cache.Zone, error)
	// Key appends what an answer is found by (proxy_cache_key).
	Key Value
	// Methods tells whether answers to a method are kept (proxy_cache_methods; GET and HEAD always are).
	Methods func(c *pipeline.Ctx) bool
	// Bypass and NoStore are conditions under which the answer is not taken from the zone, and not put there: any value that is
	// neither empty nor "0" (proxy_cache_bypass, proxy_no_cache).
	Bypass, NoStore []Value
	// Purge are conditions under which the request removes the entry (proxy_cache_purge).
	Purge []Value
	// Valid is proxy_cache_valid, Ignore the fields that have no say (proxy_ignore_headers).
	Valid  []cache.ValidFor
	Ignore cache.Ignore
	// MinUses is proxy_cache_min_uses, UseStale proxy_cache_use_stale.
	MinUses  int
	UseStale cache.Stale
	// Lock has one request fill an entry while others wait, for LockTimeout at most; after LockAge another one may fill it. In
	// milliseconds.
	Lock                 bool
	LockTimeout, LockAge int64
	// Revalidate asks with the validators of a stale answer (proxy_cache_revalidate).
	Revalidate bool
	// KeepHead passes HEAD on as it is (proxy_cache_convert_head off).
	KeepHead bool
	// MaxRangeOffset is the offset in bytes from which on a range is asked of the upstream, and the answer is not kept
	// (proxy_cache_max_range_offset); less than 0 for none.
	MaxRangeOffset int64
	// Update begins a request in the background that calls Handler.Update with the task, or drops it
	// (proxy_cache_background_update); nil when it is off.
	Update func(c *pipeline.Ctx, t *Task) error
}

// Settle waits until what the cache of the location was given is written, for limit at most: for who asks for an answer piece by piece.
// Only a worker may call it.
func (h *Handler) Settle(c *pipeline.Ctx, limit time.Duration) {
	k := h.cfg.Cache
	if k == nil {
		return
	}
	zone := k.Zone
	if k.ZoneOf != nil {
		zone, _ = k.ZoneOf(c)
	}
	if zone != nil {
		zone.Settle(limit)
	}
}

// anySet tells whether a condition holds.
func (x *call) anySet(c *pipeline.Ctx, list []Value) bool {
	for _, v := range list {
		x.text = v(c, x.text[:0])
		if b := x.text; len(b) > 0 && !(len(b) == 1 && b[0] == '0') {
			return true
		}
	}
	return false
}

// staleFor are the words of use_stale for the conditions of next_upstream.
func staleFor(why Condition) (s cache.Stale) {
	for _, p := range [...]struct {
		from Condition
		to   cache.Stale
	}{
		{OnError, cache.StaleOnError}, {OnTimeout, cache.StaleOnTimeout}, {OnInvalidHeader, cache.StaleOnInvalidHeader},
		{On500, cache.StaleOn500}, {On502, cache.StaleOn502}, {On503, cache.StaleOn503}, {On504, cache.StaleOn504},
		{On403, cache.StaleOn403}, {On404, cache.StaleOn404}, {On429, cache.StaleOn429}, {OnUpdating, cache.StaleOnUpdating},
	} {
		if why&p.from != 0 {
			s |= p.to
		}
	}
	return s
}

// StaleOn converts the words of proxy_cache_use_stale, which are those of proxy_next_upstream and "updating".
func StaleOn(why Condition) cache.Stale { return staleFor(why) }

// beyond tells whether the request is for a range that begins so far behind that the whole is not fetched for it: NGINX's
// ngx_http_upstream_cache_check_range, which looks at the first range, and counts one from the end as such.
func (k *Caching) beyond(c *pipeline.Ctx) bool {
	if k.MaxRangeOffset < 0 || !c.Head.Has(http1.Range) {
		return false
	}
	v := c.HeaderBytes(http1.Range)
	if k.MaxRangeOffset == 0 {
		return true
	}
	if len(v) < 7 || !equalFold(v[:6], "bytes=") {
		return false
	}
	for v = v[6:]; len(v) > 0 && v[0] == ' '; v = v[1:] {
	}
	if len(v) > 0 && v[0] == '-' {
		return true
	}
	var n int64
	for _, ch := range v {
		if ch < '0' || ch > '9' || n > 1<<53 {
			break
		}
		n = n*10 + int64(ch-'0')
	}
	return n >= k.MaxRangeOffset
}
