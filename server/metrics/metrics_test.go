package metrics_test

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/metrics"
)

func zone(r *metrics.Registry, name string) *metrics.Zone {
	z, err := r.Zone(name)
	if err != nil {
		panic(err)
	}
	return z
}

// counted is a registry with some requests.
func counted() *metrics.Registry {
	r := metrics.NewRegistry()
	z := zone(r, "a \"quoted\\\" name\nof two lines")
	for status := range 700 {
		if status%100 == 4 {
			r.All.Count(status%3, status, 10, 100, time.Millisecond)
			z.Count(status%3, status, 10, 100, time.Millisecond)
		}
	}
	r.All.Count(200, 200, -1, -1, -1) // beyond the shards, and numbers that make no sense
	zone(r, "b").Count(0, 404, 1, 2, 0)
	return r
}

var gauges = metrics.Gauges{Accepted: 7, Closed: 3, Requests: 9, Busy: 2, Lags: []time.Duration{0, 1500 * time.Millisecond}}

func about() metrics.About {
	return metrics.About{Version: "0.0.0", Generation: 3, Loaded: time.Unix(1700000000, 0)}
}

func TestTraffic(t *testing.T) {
	got := counted().All.Traffic()
	want := metrics.Traffic{Responses: [6]uint64{2, 1, 2, 1, 1, 1}, Received: 70, Sent: 700, Seconds: 0.007}
	if got != want || got.Requests() != 8 {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestCountsOfManyGoroutines(t *testing.T) {
	r := metrics.NewRegistry()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 1000 {
				r.All.Count(i%2, 200, 1, 1, 1)
				zone(r, "z").Count(i%2, 500, 1, 1, 1)
			}
		})
	}
	all.Wait()
	a, z := r.All.Traffic(), zone(r, "z").Traffic()
	if a.Responses[2] != 8000 || z.Responses[5] != 8000 || a.Received != 8000 {
		t.Errorf("%+v %+v", a, z)
	}
}

// TestShared: processes that share a file add up, one that was killed has no connections, and names are found again.
func TestShared(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	open := func() *metrics.Registry {
		r, err := metrics.OpenRegistry(f)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first, second, third := open(), open(), open()
	zone(first, "z").Count(0, 200, 1, 1, 0)
	zone(second, "z").Count(0, 200, 1, 1, 0)
	second.All.Count(5, 404, 1, 1, 0)
	first.Publish(metrics.Gauges{Accepted: 10, Closed: 4, Requests: 20, Busy: 1})
	second.Leave(metrics.Gauges{Accepted: 5, Closed: 1, Requests: 7, Busy: 3})
	s := third.Snapshot(about(), metrics.Gauges{Accepted: 1, Requests: 2, Busy: 1})
	if s.Accepted != 16 || s.Active != 7 || s.Requests != 29 || s.Busy != 2 {
		t.Errorf("%+v", s.Gauges)
	}
	if len(s.Zones) != 1 || s.Zones[0].Responses[2] != 2 || s.Total.Responses[4] != 1 {
		t.Errorf("%+v %+v", s.Zones, s.Total)
	}
	fourth := third.Join() // the server of a reload in the same process
	third.Leave(metrics.Gauges{Accepted: 2, Requests: 3})
	if s := fourth.Snapshot(about(), metrics.Gauges{Accepted: 1}); s.Accepted != 18 || s.Active != 7 || s.Requests != 30 {
		t.Errorf("%+v", s.Gauges)
	}
	_ = f.Close()
	if zone(first, "z").Count(0, 200, 1, 1, 0); zone(third, "z").Traffic().Responses[2] != 3 {
		t.Error("the memory went with the file")
	}
	if _, err := metrics.OpenRegistry(f); err == nil {
		t.Error("a closed file is mapped")
	}
}

func TestZoneLimits(t *testing.T) {
	r := metrics.NewRegistry()
	for _, name := range []string{"", strings.Repeat("x", 121)} {
		if _, err := r.Zone(name); err == nil {
			t.Errorf("a name of %d bytes", len(name))
		}
	}
	for i := range 63 {
		zone(r, strconv.Itoa(i))
	}
	if _, err := r.Zone("one more"); err == nil {
		t.Error("zone 64")
	}
	if z := zone(r, "7"); z.Traffic() != (metrics.Traffic{}) {
		t.Errorf("%+v", z.Traffic())
	}
}

// TestText: both formats are what their grammars say, and hold the numbers.
func TestText(t *testing.T) {
	for _, open := range []bool{true, false} {
		for _, worker := range []string{"", "123"} {
			a := about()
			a.Worker = worker
			text := string(counted().Snapshot(a, gauges).Text(open))
			families, err := parse(text, open)
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			total, label := "", ""
			if !open {
				total = "_total"
			}
			if worker != "" {
				label = `,worker="123"`
			}
			for _, c := range []struct {
				family, labels string
				want           float64
			}{
				{"wheelpit_connections_accepted" + total, "", 7},
				{"wheelpit_connections_active", "", 4},
				{"wheelpit_http_requests" + total, "", 9},
				{"wheelpit_workers_busy", "", 2},
				{"wheelpit_reactor_lag_seconds", `{reactor="1"` + label + "}", 1.5},
				{"wheelpit_config_generation", "", 3},
				{"wheelpit_config_reloads" + total, "", 2},
				{"wheelpit_config_loaded_timestamp_seconds", "", 1700000000},
				{"wheelpit_http_responses" + total, `{class="2xx"}`, 2},
				{"wheelpit_http_responses" + total, `{zone="b",class="4xx"}`, 1},
				{"wheelpit_http_responses" + total, `{zone="a \"quoted\\\" name\nof two lines",class="other"}`, 2},
				{"wheelpit_http_sent_bytes" + total, `{zone="b"}`, 2},
			} {
				f := families[c.family]
				if f == nil {
					t.Errorf("no family %s", c.family)
				} else if got, ok := f.samples[c.labels]; !ok || got != c.want {
					t.Errorf("%s%s is %v, want %v", c.family, c.labels, got, c.want)
				}
			}
		}
	}
}

// TestStrictParser: what the test relies on refuses what is wrong.
func TestStrictParser(t *testing.T) {
	for _, text := range []string{
		"", "# TYPE a gauge\n# HELP a b\na 1\n", "# TYPE a gauge\n# HELP a b\na 1\na 2\n# EOF\n", "# TYPE a counter\n# HELP a b\na 1\n# EOF\n",
		"# TYPE a gauge\n# HELP a b\na{x=\"1\" 1\n# EOF\n", "# TYPE a gauge\n# HELP a b\na x\n# EOF\n", "# TYPE a_total counter\n# HELP a_total b\na_total 1\n# EOF\n",
		"# TYPE a gauge\n# UNIT a seconds\n# HELP a b\na 1\n# EOF\n", "# TYPE a gauge\na 1\n# EOF\n", "a 1\n# EOF\n",
	} {
		if _, err := parse(text, true); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func client(t *testing.T, format metrics.Format) *pipelinetest.Client {
	t.Helper()
	p, err := metrics.New(metrics.Config{
		Format: format, Registry: counted(), About: about, Gauges: func(*pipeline.Ctx) metrics.Gauges { return gauges },
	})
	if err != nil {
		t.Fatal(err)
	}
	app := pipeline.New()
	app.Path("", p.Handle)
	return pipelinetest.NewClient(t, app)
}

func TestFormats(t *testing.T) {
	const html, jsonType, text, open = "text/html; charset=utf-8", "application/json", "text/plain; version=0.0.4; charset=utf-8", "application/openmetrics-text; version=1.0.0; charset=utf-8"
	const scraper = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
	for _, c := range []struct {
		format               metrics.Format
		target, accept, want string
	}{
		{"", "/", "", html}, {"", "/", "text/html,*/*;q=0.8", html}, {"", "/?format=json", "", jsonType}, {"", "/?format=prometheus", "", text},
		{"", "/", scraper, open}, {"", "/", "application/json", jsonType}, {"", "/", "text/plain;version=0.0.4", text},
		{metrics.JSON, "/", "text/html", jsonType}, {metrics.JSON, "/?format=html", "", jsonType},
		{metrics.Prometheus, "/", "text/html", text}, {metrics.Prometheus, "/", scraper, open},
	} {
		res := client(t, c.format).Get(c.target, pipelinetest.Header("Accept", c.accept))
		if got := res.Header.Get("Content-Type"); res.Status != 200 || got != c.want {
			t.Errorf("%q %s, %s: %d %s, want %s", c.format, c.target, c.accept, res.Status, got, c.want)
		}
	}
	if res := client(t, "").Post("/", pipelinetest.Body("text/plain", "x")); res.Status != 405 {
		t.Errorf("POST: %d", res.Status)
	}
	if _, err := metrics.New(metrics.Config{Format: "yaml", Registry: counted(), About: about}); err == nil {
		t.Error("a format that is none")
	}
}

func TestJSON(t *testing.T) {
	var s metrics.Snapshot
	res := client(t, metrics.JSON).Get("/")
	if err := json.Unmarshal(res.Body, &s); err != nil {
		t.Fatal(err)
	}
	if s.Accepted != 7 || s.Active != 4 || s.Reloads != 2 || s.Total.Responses[2] != 2 || len(s.Zones) != 2 || s.Process.PID == 0 || len(s.LagSeconds) != 2 {
		t.Errorf("%s", res.Body)
	}
}

// TestPage: it shows the numbers without scripts, escapes names, and asks nobody else.
func TestPage(t *testing.T) {
	body := string(client(t, metrics.HTML).Get("/").Body)
	for _, part := range []string{
		`<dd data-of="accepted">7</dd>`, `<td data-of="total.responses.2">2</td>`, `<td data-of="zones.1.responses.4">1</td>`,
		"a &#34;quoted\\&#34; name", `<td data-of="reactor_lag_seconds.1">1.5</td>`, "configuration 3",
	} {
		if !strings.Contains(body, part) {
			t.Errorf("%s is missing in\n%s", part, body)
		}
	}
	for _, part := range []string{"http:", "https:", "src=", "@import", "<link", "quoted\\\" name"} {
		if strings.Contains(body, part) {
			t.Errorf("%s is in the page", part)
		}
	}
}
