package middleware

// Hot: runs for every request; no allocation for a key that is known, no map, no defer.

import (
	"fmt"
	"hash/maphash"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// RateLimit bounds how many requests a key, by default a client, may make: NGINX's limit_req, a leaky bucket exact to the
// millisecond and the thousandth of a request. Each request adds one to the bucket of its key, which drains at Rate; a
// request that finds more than Burst in it is refused and not counted.
//
// It keeps the last Keys keys, 32 bytes each and 4 to 8 of an index, allocated when the application is compiled. When there
// are more, the key that was idle for longest is forgotten; NGINX does the same. Keys are told apart by a seeded 64-bit
// hash, so that nobody can aim at another's bucket. Every *RateLimit has its own buckets; several may be used at once.
type RateLimit struct {
	// Rate is the number of requests per Per; Per is a second unless set (NGINX rate=10r/s, 10r/m). It is kept in whole
	// thousandths of a request per second, so one request in 1000 seconds is the least.
	Rate int
	Per  time.Duration
	// Burst is how many requests above the rate are taken at once (NGINX burst, default 0).
	Burst int
	// Delay holds requests of a burst back until the rate allows them, as NGINX does without nodelay. They wait on a
	// worker, at most Burst/Rate, and all requests run on workers: it suits a small Burst. By default they go on at once
	// (NGINX nodelay).
	Delay bool
	// Key appends to b what requests are counted by; nothing means that this one is not counted. It runs on the reactor.
	// The default is the address of ClientIP, of IPv6 addresses the first IPv6Bits.
	Key func(c *pipeline.Ctx, b []byte) []byte
	// IPv6Bits is how much of an IPv6 address makes a client; the default is 64, because that much is what one client is
	// given. NGINX counts by all 128.
	IPv6Bits int
	// Keys is how many keys are remembered at least; the default is 65536.
	Keys int
	// Status is the answer to a request too many; the default is 429 with Retry-After (NGINX limit_req_status: 503).
	Status int
	// DryRun counts and reports but refuses nobody (NGINX limit_req_dry_run).
	DryRun bool
	// Headers adds RateLimit-Policy and RateLimit to responses (draft-ietf-httpapi-ratelimit-headers-10) under the name
	// Name, "default" unless set.
	Headers bool
	Name    string
	// OnLimit is told of every request that is refused, or would be in a dry run. It runs on the reactor.
	OnLimit func(c *pipeline.Ctx)

	table rateTable
	seed  maphash.Seed
	rate  int64 // thousandths of a request per second
	burst int64 // thousandths of a request
	err   *pipeline.Error
	now   func() int64 // milliseconds of a clock that only goes forward
}

// Load checks the limits and allocates the buckets, once: applications that use the same RateLimit share them.
func (m *RateLimit) Load(*pipeline.App) error {
	if m.rate > 0 {
		return nil
	}
	setDefault(&m.Per, time.Second)
	setDefault(&m.Keys, 1<<16)
	setDefault(&m.IPv6Bits, 64)
	setDefault(&m.Status, 429)
	setDefault(&m.Name, "default")
	switch {
	case m.Rate < 1 || m.Rate > 1e6 || m.Per < time.Millisecond:
		return fmt.Errorf("middleware: RateLimit: rate %d in %v", m.Rate, m.Per)
	case m.Burst < 0 || m.Burst > 1e6:
		return fmt.Errorf("middleware: RateLimit: burst %d is not from 0 to 1000000", m.Burst)
	case m.Keys < 1 || m.Keys > 1<<26:
		return fmt.Errorf("middleware: RateLimit: %d keys are not from 1 to %d", m.Keys, 1<<26)
	case m.IPv6Bits < 1 || m.IPv6Bits > 128:
		return fmt.Errorf("middleware: RateLimit: %d bits of an IPv6 address", m.IPv6Bits)
	case m.Status < 400 || m.Status > 599:
		return fmt.Errorf("middleware: RateLimit: status %d", m.Status)
	case !isToken([]byte(m.Name)):
		return fmt.Errorf("middleware: RateLimit: name %q is no token", m.Name)
	}
	rate := int64(m.Rate) * 1000 * int64(time.Second) / int64(m.Per)
	if rate < 1 || rate > 1e9 {
		return fmt.Errorf("middleware: RateLimit: rate %d in %v is not from 1 in 1000 s to 1000000 in 1 s", m.Rate, m.Per)
	}
	m.rate, m.burst = rate, int64(m.Burst)*1000
	m.err = &pipeline.Error{Status: m.Status, Message: "limiting requests by " + m.Name}
	m.seed = maphash.MakeSeed()
	m.table.init(m.Keys)
	if m.now == nil {
		began := time.Now()
		m.now = func() int64 { return time.Since(began).Milliseconds() }
	}
	return nil
}

func setDefault[T comparable](v *T, def T) {
	if zero := *new(T); *v == zero {
		*v = def
	}
}

// NeedsWorker tells whether requests may be held back.
func (m *RateLimit) NeedsWorker() bool { return m.Delay && !m.DryRun }

// ProcessRequest counts the request, and refuses it or holds it back.
func (m *RateLimit) ProcessRequest(c *pipeline.Ctx) error {
	n := notesOf(c)
	if n.limit(m) != nil {
		return nil // the request came this way before (pipeline.App.MountApp)
	}
	key := m.key(c, n.line[:0])
	if len(key) > cap(n.line) { // key may be of other memory than line, which shall have room the next time
		n.line = append(n.line[:0], key...)
	}
	if len(key) == 0 {
		return nil
	}
	excess, ok := m.count(maphash.Bytes(m.seed, key), m.now())
	note := limitNote{m, excess, Passed}
	switch {
	case !ok && m.DryRun:
		note.status = RejectedDryRun
	case !ok:
		note.status = Rejected
	case excess > 0 && m.Delay && m.DryRun:
		note.status = DelayedDryRun
	case excess > 0 && m.Delay:
		note.status = Delayed
	}
	n.limits = append(n.limits, note)
	if !ok && m.OnLimit != nil {
		m.OnLimit(c)
	}
	switch note.status {
	case Rejected:
		return m.refuse(c, excess)
	case Delayed:
		return wait(c, time.Duration(excess*1000/m.rate)*time.Millisecond)
	}
	return nil
}

// count adds a request at time now to a bucket. It returns the excess it makes, in thousandths of a request, and whether
// that is within the burst; otherwise the bucket stays as it was (ngx_http_limit_req_lookup).
func (m *RateLimit) count(hash uint64, now int64) (excess int64, ok bool) {
	s := m.table.shard(hash)
	s.mu.Lock()
	e := s.find(hash)
	if e == nil {
		s.add(hash).last = now
		s.mu.Unlock()
		return 0, true
	}
	// Another request may have been faster to the lock with a later time. More than 11 days drain any bucket.
	ms := max(min(now-e.last, 1e9), 0)
	excess = max(int64(e.excess)-m.rate*ms/1000+1000, 0)
	if ok = excess <= m.burst; ok {
		e.excess = int32(excess)
		if ms > 0 {
			e.last = now
		}
	}
	s.mu.Unlock()
	return excess, ok
}

// key appends what the request is counted by.
func (m *RateLimit) key(c *pipeline.Ctx, b []byte) []byte {
	if m.Key != nil {
		return m.Key(c, b)
	}
	ip := ClientIP(c)
	if ip.Is4() {
		a := ip.As4()
		return append(b, a[:]...)
	}
	if !ip.IsValid() {
		return append(b, "unix:"...)
	}
	p, err := ip.WithZone("").Prefix(m.IPv6Bits)
	if err != nil {
		return b
	}
	a := p.Addr().As16()
	return append(b, a[:]...)
}

// refuse answers a request too many. Retry-After is when one more would be taken, in whole seconds.
func (m *RateLimit) refuse(c *pipeline.Ctx, excess int64) error {
	var b [20]byte
	seconds := max(ceilDiv(excess-m.burst, m.rate), 1)
	if err := c.AnswerError(m.err); err != nil {
		return err
	}
	return c.SetHeaderBytes("Retry-After", http1.AppendUint(b[:0], uint64(seconds)))
}

// wait holds a request back, unless its client leaves or its deadline ends.
func wait(c *pipeline.Ctx, d time.Duration) error {
	t := time.NewTimer(d)
	select {
	case <-t.C:
		return nil
	case <-c.Context().Done():
		t.Stop()
		return &pipeline.Error{Status: 503, Err: c.Context().Err()}
	}
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }
