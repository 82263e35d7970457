package limit

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

func connZone(t testing.TB, name string) *ConnZone {
	t.Helper()
	z, err := NewConnZone(ZoneConfig{Name: name, Size: MinZone, Key: byHeader("X-" + name), KeyText: "$http_x_" + name}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func newConn(t testing.TB, c ConnConfig) *Conn {
	t.Helper()
	m, err := NewConn(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func connStatus(c *pipeline.Ctx) string {
	b, ok := AppendConnStatus(c, nil)
	if !ok {
		return "none"
	}
	return fmt.Sprint(string(b), " ", c.Res().Status)
}

func TestConn(t *testing.T) {
	a, b := connZone(t, "a"), connZone(t, "b")
	var messages []string
	m := newConn(t, ConnConfig{Status: 429, Level: LevelNotice, Limits: []ConnLimit{{a, 2}, {b, 3}},
		Log: func(_ *pipeline.Ctx, level slog.Level, m string) {
			messages = append(messages, fmt.Sprint(int(level), " ", m))
		}})
	open := map[string]*pipeline.Ctx{}
	for i, step := range []struct{ name, fields, want string }{
		{"1", "X-a: 1;X-b: 1", "PASSED 0"},
		{"2", "X-a: 1;X-b: 1", "PASSED 0"},
		{"-", "X-a: 1;X-b: 1", "REJECTED 429"}, // by a
		{"3", "X-a: 2;X-b: 1", "PASSED 0"},
		{"-", "X-a: 3;X-b: 1", "REJECTED 429"}, // by b, and a does not count it
		{"4", "X-a: 3", "PASSED 0"},
		{"5", "X-a: 3", "PASSED 0"},
		{"-", "X-a: 3", "REJECTED 429"},
		{"close 1", "", ""},
		{"6", "X-a: 1;X-b: 1", "PASSED 0"},
		{"-", "X-y: z", "none"},
		{"7", "X-a: " + strings.Repeat("k", 255), "PASSED 0"},
		{"-", "X-a: " + strings.Repeat("k", 256), "none"},
	} {
		if name, ok := strings.CutPrefix(step.name, "close "); ok {
			open[name].Reset()
			continue
		}
		c := ask(t, m, strings.Split(step.fields, ";")...)
		if got := connStatus(c); got != step.want {
			t.Errorf("step %d: %s, want %s", i, got, step.want)
		}
		if err := m.ProcessRequest(c); err != nil {
			t.Error("it is asked once")
		}
		if open[step.name] = c; step.name == "-" {
			c.Reset()
		}
	}
	want := []string{`2 limiting connections by zone "a"`, `2 limiting connections by zone "b"`, `2 limiting connections by zone "a"`,
		`8 the value of the "$http_x_a" key is more than 255 bytes`, `8 the value of the "$http_x_a" key is more than 255 bytes`}
	if strings.Join(messages, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", messages)
	}
	for _, c := range open {
		c.Reset()
	}
	for _, z := range []*ConnZone{a, b} {
		if s := &z.shards[0]; s.newest != 0 {
			t.Errorf("zone %s: states are left over", z.Name)
		}
	}
}

func TestConnDryRun(t *testing.T) {
	z := connZone(t, "a")
	message := ""
	m := newConn(t, ConnConfig{DryRun: true, Limits: []ConnLimit{{z, 1}}, Log: func(_ *pipeline.Ctx, _ slog.Level, s string) { message = s }})
	ask(t, m, "X-a: 1")
	if got := connStatus(ask(t, m, "X-a: 1")); got != "REJECTED_DRY_RUN 0" || message != `limiting connections, dry run, by zone "a"` {
		t.Errorf("%s, %q", got, message)
	}
}

// A full zone refuses further keys, and forgets those whose requests are over.
func TestConnZoneFull(t *testing.T) {
	m := newConn(t, ConnConfig{Limits: []ConnLimit{{connZone(t, "a"), 5}}})
	var open []*pipeline.Ctx
	for i := 0; ; i++ {
		c := ask(t, m, fmt.Sprint("X-a: ", i))
		if connStatus(c) == "REJECTED 503" {
			break
		}
		if open = append(open, c); i > 1000 {
			t.Fatal("it is never full")
		}
	}
	if len(open) != 383 { // six pages of 64 states, one of them the root
		t.Errorf("%d states", len(open))
	}
	if got := connStatus(ask(t, m, "X-a: 1")); got != "PASSED 0" {
		t.Errorf("a key that is there: %s", got)
	}
	open[7].Reset()
	if got := connStatus(ask(t, m, "X-a: new")); got != "PASSED 0" {
		t.Errorf("after one has gone: %s", got)
	}
}

func TestConnCountsUntilTheEndOfTheResponse(t *testing.T) {
	m := newConn(t, ConnConfig{Limits: []ConnLimit{{connZone(t, "a"), 1}}})
	app := pipeline.New()
	app.Use(m)
	var client *pipelinetest.Client
	app.Get("/", func(c *pipeline.Ctx) error {
		if c.QueryBytes() == nil {
			client.Get("/?inner", pipelinetest.Header("X-a", "1")).AssertStatus(503)
		}
		return c.NoContent(204)
	})
	client = pipelinetest.NewClient(t, app)
	for range 2 {
		client.Get("/", pipelinetest.Header("X-a", "1")).AssertStatus(204)
	}
}
