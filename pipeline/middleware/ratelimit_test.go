package middleware

import (
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// limited is an application behind m, and a function that asks it at a millisecond from an address.
func limited(t *testing.T, m *RateLimit, more ...pipeline.Middleware) func(ms int64, from string) *pipelinetest.Response {
	var now int64
	m.now = func() int64 { return now }
	status := func(c *pipeline.Ctx) string { return RateLimitStatus(c).String() }
	cl := client(t, echo(status, append([]pipeline.Middleware{m}, more...)...))
	return func(ms int64, from string) *pipelinetest.Response {
		now = ms
		return cl.Get("/", pipelinetest.Remote(netip.AddrPortFrom(netip.MustParseAddr(from), 1).String()))
	}
}

// The instants are worked out by hand from ngx_http_limit_req_lookup.
func TestRateLimitExactly(t *testing.T) {
	type at struct {
		ms int64
		ok bool
	}
	for _, c := range []struct {
		name     string
		mw       *RateLimit
		requests []at
	}{
		{"10 r/s", &RateLimit{Rate: 10}, []at{{0, true}, {0, false}, {99, false}, {100, true}, {199, false}, {200, true}}},
		{"a refused request is not counted", &RateLimit{Rate: 10}, []at{{0, true}, {50, false}, {99, false}, {100, true}}},
		{"burst=2", &RateLimit{Rate: 10, Burst: 2}, []at{{0, true}, {0, true}, {0, true}, {0, false}, {99, false}, {100, true}, {100, false}, {400, true}, {400, true}, {400, true}, {400, false}}},
		{"6 r/m", &RateLimit{Rate: 6, Per: time.Minute}, []at{{0, true}, {9999, false}, {10000, true}, {19999, false}}},
		// NGINX's arithmetic: 1000/60 is 16 thousandths, so a whole request takes 62.5 s.
		{"1 r/m", &RateLimit{Rate: 1, Per: time.Minute}, []at{{0, true}, {60000, false}, {62499, false}, {62500, true}}},
		{"3 r/s", &RateLimit{Rate: 3}, []at{{0, true}, {333, false}, {334, true}, {667, false}, {668, true}}},
		{"1000 r/s", &RateLimit{Rate: 1000}, []at{{0, true}, {0, false}, {1, true}, {1, false}, {2, true}}},
		{"2000 r/s", &RateLimit{Rate: 2000}, []at{{0, true}, {0, false}, {1, true}, {1, false}}},
		{"after a year", &RateLimit{Rate: 1e6, Burst: 1}, []at{{0, true}, {365 * 86400000, true}, {365 * 86400000, true}, {365 * 86400000, false}}},
		{"the clock of another request", &RateLimit{Rate: 10}, []at{{1000, true}, {999, false}, {1100, true}}},
		{"which must not drain twice", &RateLimit{Rate: 10, Burst: 1}, []at{{1000, true}, {900, true}, {1000, false}, {1100, true}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ask := limited(t, c.mw)
			for i, r := range c.requests {
				res := ask(r.ms, "192.0.2.1")
				if res.Status == 200 != r.ok || !r.ok && res.Status != 429 {
					t.Errorf("request %d at %d ms: %d", i, r.ms, res.Status)
				}
				if r.ok && string(res.Body) != "PASSED" {
					t.Errorf("status %q", res.Body)
				}
			}
		})
	}
}

// model is limit_req without bounds: buckets in a map.
type model struct {
	rate, burst int64
	last        map[string]int64
	excess      map[string]int64
}

func (m *model) take(key string, now int64) bool {
	last, known := m.last[key]
	if !known {
		m.last[key], m.excess[key] = now, 0
		return true
	}
	excess := max(m.excess[key]-m.rate*(now-last)/1000+1000, 0)
	if excess > m.burst {
		return false
	}
	m.excess[key] = excess
	m.last[key] = now
	return true
}

func TestRateLimitAgainstAModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		m := &RateLimit{Rate: 1 + rng.IntN(50), Burst: rng.IntN(10), Keys: 4096, Key: func(*pipeline.Ctx, []byte) []byte { return nil }}
		if err := m.Load(nil); err != nil {
			t.Fatal(err)
		}
		want := &model{int64(m.Rate) * 1000, int64(m.Burst) * 1000, map[string]int64{}, map[string]int64{}}
		var now int64
		for i := range 5000 {
			now += rng.Int64N(30)
			key := strconv.Itoa(rng.IntN(40))
			if _, ok := m.count(maphash.String(m.seed, key), now); ok != want.take(key, now) {
				t.Fatalf("rate %d, burst %d: request %d of %s at %d: %v", m.Rate, m.Burst, i, key, now, ok)
			}
		}
	}
}

// What Retry-After says is enough, and with a second less it would not be.
func TestRateLimitRetryAfter(t *testing.T) {
	for _, m := range []*RateLimit{
		{Rate: 10}, {Rate: 1, Per: 10 * time.Second}, {Rate: 7, Per: time.Minute, Burst: 3}, {Rate: 1, Per: time.Hour / 4}, {Rate: 3, Per: 7 * time.Second, Burst: 1},
	} {
		ask := limited(t, m)
		res := ask(0, "192.0.2.1")
		for range m.Burst + 1 {
			res = ask(0, "192.0.2.1")
		}
		res.AssertStatus(429)
		after, err := strconv.ParseInt(res.Header.Get("Retry-After"), 10, 64)
		if err != nil || after < 1 {
			t.Fatalf("%+v: %v", m, err)
		}
		if after > 1 {
			ask((after-1)*1000, "192.0.2.1").AssertStatus(429)
		}
		ask(after*1000, "192.0.2.1").AssertStatus(200)
	}
}

func TestRateLimitKeys(t *testing.T) {
	ask := limited(t, &RateLimit{Rate: 1})
	for _, c := range []struct {
		from   string
		status int
	}{
		{"192.0.2.1", 200}, {"192.0.2.2", 200}, {"192.0.2.1", 429}, {"::ffff:192.0.2.1", 429},
		{"2001:db8::1", 200}, {"2001:db8::2", 429}, {"2001:db8:0:1::1", 200}, {"2001:db8:0:1::1%eth0", 429},
	} {
		if got := ask(0, c.from).Status; got != c.status {
			t.Errorf("%s: %d, want %d", c.from, got, c.status)
		}
	}
	ask = limited(t, &RateLimit{Rate: 1, IPv6Bits: 128})
	ask(0, "2001:db8::1").AssertStatus(200)
	ask(0, "2001:db8::2").AssertStatus(200)
	ask(0, "2001:db8::2").AssertStatus(429)

	byUser := &RateLimit{Rate: 1, Key: func(c *pipeline.Ctx, b []byte) []byte { return append(b, c.QueryBytes()...) }}
	cl := client(t, echo(func(c *pipeline.Ctx) string { return RateLimitStatus(c).String() }, byUser))
	for _, target := range []string{"/?a", "/?b", "/", "/"} {
		cl.Get(target).AssertStatus(200)
	}
	cl.Get("/").AssertBody("") // no key, not counted
	cl.Get("/?a").AssertStatus(429)
}

// A Key that returns memory of its own must find it as it was.
func TestRateLimitKeyOfOnesOwn(t *testing.T) {
	own := []byte("a key of one's own")
	m := &RateLimit{Rate: 1, Key: func(*pipeline.Ctx, []byte) []byte { return own }, Headers: true}
	cl := client(t, echo(func(*pipeline.Ctx) string { return "" }, m, &BasicAuth{Users: map[string]string{"joe": "x"}}))
	cl.Get("/", pipelinetest.BasicAuth("joe", "x")).AssertStatus(200)
	cl.Get("/").AssertStatus(429)
	if string(own) != "a key of one's own" {
		t.Errorf("%q", own)
	}
}

func TestRateLimitOptions(t *testing.T) {
	told := 0
	ask := limited(t, &RateLimit{Rate: 1, Status: 503, OnLimit: func(*pipeline.Ctx) { told++ }})
	ask(0, "192.0.2.1").AssertStatus(200)
	ask(0, "192.0.2.1").AssertStatus(503).AssertHeader("Retry-After", "1").AssertHeader("RateLimit", "")
	ask = limited(t, &RateLimit{Rate: 1, DryRun: true, Delay: true, OnLimit: func(c *pipeline.Ctx) { told++ }})
	ask(0, "192.0.2.1").AssertBody("PASSED")
	ask(0, "192.0.2.1").AssertBody("REJECTED_DRY_RUN").AssertHeader("Retry-After", "")
	if told != 2 {
		t.Errorf("told %d times", told)
	}
	ask = limited(t, &RateLimit{Rate: 1, Burst: 1, DryRun: true, Delay: true})
	ask(0, "192.0.2.1").AssertBody("PASSED")
	ask(0, "192.0.2.1").AssertBody("DELAYED_DRY_RUN")
	for want, m := range map[string]*RateLimit{
		"rate 0 in 1s":     {},
		"rate 1 in 1ns":    {Rate: 1, Per: 1},
		"burst -1":         {Rate: 1, Burst: -1},
		"-1 keys":          {Rate: 1, Keys: -1},
		"129 bits":         {Rate: 1, IPv6Bits: 129},
		"status 200":       {Rate: 1, Status: 200},
		"name \"a b\"":     {Rate: 1, Name: "a b"},
		"rate 1 in 24h0m0": {Rate: 1, Per: 24 * time.Hour},
	} {
		compileError(t, want, m)
	}
}

func TestRateLimitHeaders(t *testing.T) {
	outer := &RateLimit{Rate: 1, Burst: 4, Headers: true}
	inner := &RateLimit{Rate: 6, Per: time.Minute, Burst: 1, Headers: true, Name: "slow", now: func() int64 { return 0 }}
	ask := limited(t, outer, inner)
	for _, c := range []struct {
		ms     int64
		status int
		policy string
		left   string
	}{
		{0, 200, `"default";q=5;w=5, "slow";q=2;w=20`, `"default";r=4;t=1, "slow";r=1;t=10`},
		{0, 200, `"default";q=5;w=5, "slow";q=2;w=20`, `"default";r=3;t=2, "slow";r=0;t=20`},
		{500, 429, `"default";q=5;w=5, "slow";q=2;w=20`, `"default";r=2;t=3, "slow";r=0;t=20`},
		{500, 429, `"default";q=5;w=5, "slow";q=2;w=20`, `"default";r=1;t=4, "slow";r=0;t=20`},
		{500, 429, `"default";q=5;w=5, "slow";q=2;w=20`, `"default";r=0;t=5, "slow";r=0;t=20`},
		{500, 429, `"default";q=5;w=5`, `"default";r=0;t=5`},
	} {
		ask(c.ms, "192.0.2.1").AssertStatus(c.status).AssertHeader("RateLimit-Policy", c.policy).AssertHeader("RateLimit", c.left)
	}
}

func TestRateLimitDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &RateLimit{Rate: 2, Burst: 2, Delay: true}
		cl := client(t, echo(func(c *pipeline.Ctx) string { return RateLimitStatus(c).String() }, &Timeout{After: 900 * time.Millisecond}, m))
		began := time.Now()
		cl.Get("/").AssertBody("PASSED")
		cl.Get("/").AssertBody("DELAYED")
		if took := time.Since(began); took != 500*time.Millisecond {
			t.Errorf("%v", took)
		}
		// Three at once: the last would have to wait for a second and has 900 ms.
		var passed, late atomic.Int32
		var wg sync.WaitGroup
		time.Sleep(time.Minute)
		for range 3 {
			wg.Go(func() {
				cl := client(t, echo(func(*pipeline.Ctx) string { return "" }, &Timeout{After: 900 * time.Millisecond}, m))
				switch cl.Get("/").Status {
				case 200:
					passed.Add(1)
				case 503:
					late.Add(1)
				}
			})
		}
		wg.Wait()
		if passed.Load() != 2 || late.Load() != 1 {
			t.Errorf("%d passed, %d late", passed.Load(), late.Load())
		}
	})
}

// However many goroutines ask, no key gets more than its burst at one instant.
func TestRateLimitConcurrently(t *testing.T) {
	m := &RateLimit{Rate: 1, Burst: 99, Keys: 1024, now: func() int64 { return 7 }}
	chain, err := echo(func(*pipeline.Ctx) string { return "" }, m).Compile()
	if err != nil {
		t.Fatal(err)
	}
	var passed [4]atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		for key := range passed {
			l := on(chain, fmt.Sprintf("192.0.2.%d", key), "GET / HTTP/1.1\r\nHost: a\r\n")
			wg.Go(func() {
				for range 50 {
					if l.run(t).Res().Status == 200 {
						passed[key].Add(1)
					}
					l.c.Reset()
				}
			})
		}
	}
	wg.Wait()
	for key := range passed {
		if n := passed[key].Load(); n != 100 {
			t.Errorf("key %d: %d requests passed", key, n)
		}
	}
}

// A request that begins twice, because a mounted application needs a worker, is counted once.
func TestRateLimitInAMountedApplication(t *testing.T) {
	m := &RateLimit{Rate: 1, now: func() int64 { return 0 }}
	sub := quiet()
	sub.Use(m)
	sub.Get("/", func(c *pipeline.Ctx) error { return c.Text(200, "") })
	app := quiet()
	app.MountApp("/sub", sub)
	cl := client(t, app)
	cl.Get("/sub/").AssertStatus(200)
	cl.Get("/sub/").AssertStatus(429)
}
