package limit

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// byHeader is the key of a request field.
func byHeader(name string) pipeline.Value {
	return func(c *pipeline.Ctx, dst []byte) []byte { return append(dst, c.Header(name)...) }
}

// clock is a time that a test sets.
type clock struct{ ms int64 }

func reqZone(t testing.TB, name string, rate int64, size int64) (*ReqZone, *clock) {
	t.Helper()
	z, err := NewReqZone(ZoneConfig{Name: name, Size: size, Key: byHeader("X-" + name), KeyText: "$http_x_" + name, Rate: rate}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{1 << 40}
	z.now = func() int64 { return c.ms }
	return z, c
}

func newReq(t testing.TB, c ReqConfig) *Req {
	t.Helper()
	r, err := NewReq(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ask sends one request with fields "name: value" to a hook and returns the context.
func ask(t testing.TB, h pipeline.RequestHook, fields ...string) *pipeline.Ctx {
	t.Helper()
	var opts []pipelinetest.Option
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		opts = append(opts, pipelinetest.Header(name, value))
	}
	c := pipelinetest.NewCtx(t, "GET", "/", opts...)
	if err := h.ProcessRequest(c); err != nil {
		t.Fatal(err)
	}
	return c
}

func reqStatus(c *pipeline.Ctx) string {
	b, ok := AppendReqStatus(c, nil)
	if !ok {
		return "none"
	}
	if refused := c.Res().Status != 0; refused != (string(b) == "REJECTED") {
		return fmt.Sprintf("%s with status %d", b, c.Res().Status)
	}
	return string(b)
}

// Each step is "ms after the step before: status".
func TestBucket(t *testing.T) {
	for _, test := range []struct {
		name         string
		rate         int64
		burst, delay int64
		nodelay      bool
		steps        string
	}{
		{"one a second", 1000, 0, 0, false, "0 PASSED, 0 REJECTED, 999 REJECTED, 1 PASSED, 999 REJECTED, 1 PASSED, 5000 PASSED, 0 REJECTED"},
		{"refused requests are not counted", 1000, 0, 0, false, "0 PASSED, 500 REJECTED, 400 REJECTED, 100 PASSED"},
		{"a burst at once", 1000, 2, 0, true, "0 PASSED, 0 PASSED, 0 PASSED, 0 REJECTED, 1000 PASSED, 0 REJECTED, 2000 PASSED, 0 PASSED, 0 REJECTED"},
		{"a burst of which half is at once", 1000, 2, 1, false, "0 PASSED, 0 PASSED, 0 DELAYED_DRY_RUN, 0 REJECTED_DRY_RUN, 1000 DELAYED_DRY_RUN"},
		{"thirty a minute", 500, 0, 0, false, "0 PASSED, 1999 REJECTED, 1 PASSED"},
		{"one a minute is rounded down to 16 thousandths", 16, 0, 0, false, "0 PASSED, 60000 REJECTED, 2500 PASSED"},
		{"a clock that goes back a little", 1000, 1, 0, true, "0 PASSED, -10 PASSED, 0 REJECTED, 1010 PASSED, 0 REJECTED"},
		{"a clock that was set back", 1000, 1, 0, true, "0 PASSED, -70000 PASSED, 1000 PASSED, 0 REJECTED"},
	} {
		t.Run(test.name, func(t *testing.T) {
			z, clock := reqZone(t, "z", test.rate, MinZone)
			r := newReq(t, ReqConfig{DryRun: strings.Contains(test.steps, "DRY"),
				Limits: []ReqLimit{{Zone: z, Burst: test.burst, Delay: test.delay, NoDelay: test.nodelay}}})
			for i, step := range strings.Split(test.steps, ", ") {
				var ms int64
				var want string
				if _, err := fmt.Sscan(step, &ms, &want); err != nil {
					t.Fatal(err)
				}
				clock.ms += ms
				if got := reqStatus(ask(t, r, "X-z: k")); got != want {
					t.Errorf("step %d: %s, want %s", i, got, want)
				}
			}
		})
	}
}

func TestSeveralZones(t *testing.T) {
	a, _ := reqZone(t, "a", 1000, MinZone)
	b, _ := reqZone(t, "b", 1000, MinZone)
	r := newReq(t, ReqConfig{Status: 429, Limits: []ReqLimit{{Zone: a, Burst: 1, NoDelay: true}, {Zone: b, Burst: 2, NoDelay: true}}})
	for i, c := range []struct{ fields, want string }{
		{"", "none"},
		{"X-a: 1;X-b: 1", "PASSED"},
		{"X-a: 1;X-b: 1", "PASSED"},
		{"X-a: 1;X-b: 1", "REJECTED"}, // by a, so b does not count it
		{"X-a: 2;X-b: 1", "PASSED"},
		{"X-a: 2;X-b: 1", "REJECTED"}, // by b, so a does not count it
		{"X-a: 2", "PASSED"},          // a alone, pinned and counted
		{"X-a: 2", "REJECTED"},
		{"X-b: 2", "PASSED"},
	} {
		var fields []string
		if c.fields != "" {
			fields = strings.Split(c.fields, ";")
		}
		if got := reqStatus(ask(t, r, fields...)); got != c.want {
			t.Errorf("%d %.20s: %s, want %s", i, c.fields, got, c.want)
		}
	}
}

// A key that is too long is not counted, and the other limits hold all the same.
func TestLongKeys(t *testing.T) {
	a, _ := reqZone(t, "a", 1000, MinZone)
	b, _ := reqZone(t, "b", 1000, 1<<20)
	length := 0
	b.Key = func(_ *pipeline.Ctx, dst []byte) []byte { return append(dst, make([]byte, length)...) }
	r := newReq(t, ReqConfig{Limits: []ReqLimit{{Zone: a}, {Zone: b}}})
	for _, c := range []struct {
		length       int
		fields, want string
	}{
		{MaxReqKey, "X-y: ", "PASSED"}, {MaxReqKey, "X-y: ", "REJECTED"}, {MaxReqKey + 1, "X-y: ", "none"},
		{MaxReqKey + 1, "X-a: 1", "PASSED"}, {MaxReqKey + 1, "X-a: 1", "REJECTED"},
	} {
		length = c.length
		if got := reqStatus(ask(t, r, c.fields)); got != c.want {
			t.Errorf("%d bytes, %s: %s, want %s", c.length, c.fields, got, c.want)
		}
	}
}

func TestMessages(t *testing.T) {
	var got []string
	log := func(_ *pipeline.Ctx, level slog.Level, m string) { got = append(got, fmt.Sprint(int(level), " ", m)) }
	z, _ := reqZone(t, "one", 1000, MinZone)
	run := func(c ReqConfig) {
		c.Log = log
		r := newReq(t, c)
		ask(t, r, "X-one: k")
	}
	run(ReqConfig{Limits: []ReqLimit{{Zone: z}}})
	run(ReqConfig{Limits: []ReqLimit{{Zone: z}}})
	run(ReqConfig{Limits: []ReqLimit{{Zone: z}}, Level: LevelWarn})
	run(ReqConfig{Limits: []ReqLimit{{Zone: z}}, DryRun: true, Level: LevelInfo})
	run(ReqConfig{Limits: []ReqLimit{{Zone: z, Burst: 5}}, DryRun: true})
	run(ReqConfig{Limits: []ReqLimit{{Zone: z, Burst: 5}}, DryRun: true, Level: LevelNotice})
	want := []string{
		`8 limiting requests, excess: 1.000 by zone "one"`,
		`4 limiting requests, excess: 1.000 by zone "one"`,
		`0 limiting requests, dry run, excess: 1.000 by zone "one"`,
		`4 delaying request, dry run, excess: 1.000, by zone "one"`,
		`0 delaying request, dry run, excess: 2.000, by zone "one"`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestDelay(t *testing.T) {
	z, err := NewReqZone(ZoneConfig{Name: "z", Size: MinZone, Key: ByClient, Rate: 20_000}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := newReq(t, ReqConfig{Limits: []ReqLimit{{Zone: z, Burst: 3}}})
	if !r.NeedsWorker() || newReq(t, ReqConfig{Limits: []ReqLimit{{Zone: z, Burst: 3, NoDelay: true}}}).NeedsWorker() ||
		newReq(t, ReqConfig{Limits: []ReqLimit{{Zone: z, Burst: 3, Delay: 3}}}).NeedsWorker() {
		t.Error("a worker is needed when requests may wait")
	}
	ask(t, r)
	start := time.Now()
	c := ask(t, r)
	if took := time.Since(start); took < 40*time.Millisecond || reqStatus(c) != "DELAYED" {
		t.Errorf("%s after %v, want DELAYED after about 50ms", reqStatus(c), took)
	}
	if s, ok := ReqStatus(c); !ok || s != Delayed {
		t.Error("the status is for variables too")
	}
	if err := r.ProcessRequest(c); err != nil || c.Answered() {
		t.Error("a request is counted once")
	}
}

// With Offload, the request that has to wait asks for a worker and waits there for the rest of its time, once.
func TestOffload(t *testing.T) {
	z, err := NewReqZone(ZoneConfig{Name: "z", Size: MinZone, Key: ByClient, Rate: 20_000}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := newReq(t, ReqConfig{Offload: true, Limits: []ReqLimit{{Zone: z, Burst: 3}}})
	if r.NeedsWorker() {
		t.Error("it asks for a worker where one is needed")
	}
	c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Inline())
	if err := r.ProcessRequest(c); err != nil || reqStatus(c) != "PASSED" {
		t.Errorf("the first: %v, %s", err, reqStatus(c))
	}
	c = pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Inline())
	start := time.Now()
	for range 2 {
		if err := r.ProcessRequest(c); !errors.Is(err, pipeline.ErrOffload) {
			t.Fatalf("the second: %v", err)
		}
	}
	c.SetWorker(true)
	for range 2 { // the second time is behind an internal redirect
		if err := r.ProcessRequest(c); err != nil || reqStatus(c) != "DELAYED" {
			t.Errorf("on a worker: %v, %s", err, reqStatus(c))
		}
	}
	if took := time.Since(start); took < 40*time.Millisecond || c.Get(waitKey{}) != nil {
		t.Errorf("it waited %v, want about 50ms, and once", took)
	}
}

func TestSubrequestsAreNotCounted(t *testing.T) {
	z, _ := reqZone(t, "z", 1000, MinZone)
	r := newReq(t, ReqConfig{Limits: []ReqLimit{{Zone: z}}})
	app := pipeline.New()
	app.Use(r)
	status := 0
	app.Get("/inner", func(c *pipeline.Ctx) error { return c.NoContent(204) })
	app.Get("/", func(c *pipeline.Ctx) error {
		if err := c.Subrequest(pipeline.Subrequest{Path: "/inner"}, func(s *pipeline.Ctx) error { status = s.Res().Status; return nil }); err != nil {
			return err
		}
		return c.NoContent(200)
	})
	client := pipelinetest.NewClient(t, app)
	client.Get("/", pipelinetest.Header("X-z", "k")).AssertStatus(200)
	if status != 204 {
		t.Errorf("subrequest: %d", status)
	}
	client.Get("/", pipelinetest.Header("X-z", "k")).AssertStatus(503)
}

func TestZonesOfAReload(t *testing.T) {
	config := ZoneConfig{Name: "z", Size: MinZone, Key: byHeader("X-z"), KeyText: "$http_x_z", Rate: 1}
	first, err := NewReqZone(config, nil)
	if err != nil {
		t.Fatal(err)
	}
	ask(t, newReq(t, ReqConfig{Limits: []ReqLimit{{Zone: first}}}), "X-z: k")
	for _, c := range []struct {
		change func(*ZoneConfig)
		want   string
	}{
		{func(*ZoneConfig) {}, "REJECTED"},
		{func(z *ZoneConfig) { z.Rate = 2 }, "REJECTED"},
		{func(z *ZoneConfig) { z.Size *= 2 }, "PASSED"},
		{func(z *ZoneConfig) { z.KeyText = "$uri" }, `limit_req "z" uses the "$uri" key while previously it used the "$http_x_z" key`},
		{func(z *ZoneConfig) { z.Size = MinZone - 1 }, `limit: zone "z" is too small or too large: 32767 bytes`},
		{func(z *ZoneConfig) { z.Rate = 0 }, `limit: zone "z": rate of 0 thousandths`},
		{func(z *ZoneConfig) { z.Key = nil }, `limit: zone "z" has no key`},
	} {
		next := config
		c.change(&next)
		z, err := NewReqZone(next, first)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = reqStatus(ask(t, newReq(t, ReqConfig{Limits: []ReqLimit{{Zone: z}}}), "X-z: k"))
		}
		if got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	old, err := NewConnZone(config, nil)
	if err != nil {
		t.Fatal(err)
	}
	if z, err := NewConnZone(config, old); err != nil || z.table != old.table {
		t.Error("the connections of a zone are forgotten", err)
	}
}

func TestInvalidConfigs(t *testing.T) {
	z, _ := reqZone(t, "z", 1, MinZone)
	for _, c := range []ReqConfig{{Status: 200}, {Status: 600}, {Limits: []ReqLimit{{}}}, {Limits: []ReqLimit{{Zone: z, Burst: -1}}}, {Limits: []ReqLimit{{Zone: new(ReqZone)}}}} {
		if _, err := NewReq(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	for _, c := range []ConnConfig{{Status: 399}, {Limits: []ConnLimit{{Number: 1}}}, {Limits: []ConnLimit{{Zone: new(ConnZone), Number: 1}}}} {
		if _, err := NewConn(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

// Many goroutines on few keys: what is taken is what the rate allows, and nothing stays pinned.
func TestConcurrent(t *testing.T) {
	z, _ := reqZone(t, "z", 1, 4<<20)
	const keys, burst = 8, 10
	r := newReq(t, ReqConfig{Limits: []ReqLimit{{Zone: z, Burst: burst, NoDelay: true}, {Zone: z, Burst: burst, NoDelay: true}}})
	passed := make([]int, keys)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 200 {
				k := (i + g) % keys
				if reqStatus(ask(t, r, fmt.Sprint("X-z: ", k))) == "PASSED" {
					mu.Lock()
					passed[k]++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	for k, n := range passed {
		if n < (burst+1)/2 || n > burst+1 { // each request counts twice, once pinned and once at once
			t.Errorf("key %d: %d requests passed", k, n)
		}
	}
}
