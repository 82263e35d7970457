package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/bench/load"
	"github.com/wheelpit/wheelpit/bench/stats"
)

var update = flag.Bool("update", false, "write the golden files")

// exactly is the summary of a figure without spread.
func exactly(v float64) stats.Summary {
	return stats.Summary{N: 3, Median: v, Low: v, High: v, Min: v, Max: v}
}

func sample() *Report {
	latency := load.Latency{P50: 400 * time.Microsecond, P90: 500 * time.Microsecond, P99: 1200 * time.Microsecond, P999: 5 * time.Millisecond, Max: 2 * time.Second}
	slice := Slice{Round: 1, Requests: 1000, Elapsed: time.Second, ServerCPU: 6 * time.Millisecond}
	return &Report{
		Format: Format, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Machine:  Machine{CPU: "Test CPU <1>", CPUs: 2, Kernel: "6.1", Go: "go1.26"},
		Settings: Settings{Rounds: 3, Slice: 2 * time.Second, ServerCPU: 0, LoadCPU: 1},
		Servers:  []Server{{"nginx", "nginx/1.22.1"}, {Subject, "0.1.0"}},
		Scenarios: []Scenario{
			{
				ID: "hello", Title: "fixed answer", Load: "wrk", Baseline: "nginx", Budget: Budget{Ratio: 0.86},
				Rows: []Row{
					{Server: "nginx", CPU: exactly(10_234), Ratio: exactly(1), Rate: exactly(98_280.4), Latency: latency, RSS: 15 << 20, Slices: []Slice{slice}},
					{
						Server: Subject, CPU: stats.Summary{N: 3, Median: 9000, MAD: 90, Low: 8800, High: 9100},
						Ratio: stats.Summary{N: 3, Median: 0.88, Low: 0.87, High: 0.89}, Rate: exactly(111_111), RSS: 20 << 20,
						Discarded: 1, LoadBound: true, OverBudget: true,
					},
					{Server: "h2o", Discarded: 1, Slices: []Slice{{Discarded: "status 404, expected 200"}}},
				},
				Notes: []string{"haproxy left out: status 503"},
			},
			{
				ID: "idle", Title: "idle connections", Load: "own generator", Baseline: "nginx", Budget: Budget{Bytes: 614.4},
				Rows: []Row{
					{Server: "nginx", Memory: exactly(495), Ratio: exactly(1), RSS: 20 << 20},
					{Server: Subject, Memory: exactly(3 << 10), Ratio: exactly(6.2), RSS: 50 << 20},
				},
			},
			{ID: "empty", Title: "nobody played", Load: "wrk"},
		},
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run with -update and look at the change:\n%s", path, got)
	}
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	if err := sample().WriteText(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.txt", b.Bytes())
}

func TestHTML(t *testing.T) {
	var b bytes.Buffer
	if err := sample().WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.html", b.Bytes())
	for _, forbidden := range []string{"<script", "http://", "https://", "ZgotmplZ", "Test CPU <1>", "NaN"} {
		if strings.Contains(b.String(), forbidden) {
			t.Errorf("the page holds %q", forbidden)
		}
	}
}

func TestJSONKeepsEverything(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r.json")
	want := sample()
	if err := want.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := want.SaveHTML(filepath.Join(dir, "r.html")); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"broken.json": "{", "later.json": `{"format": 99}`} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := Open(filepath.Join(dir, "none")); err == nil {
		t.Error("a missing file was opened")
	}
}

// A budget that was set above a floor moves with the floor; one that was not stays.
func TestLimit(t *testing.T) {
	s := Scenario{Budget: Budget{Ratio: 0.86, Floor: 0.78}, Rows: []Row{{Server: "floor", Ratio: stats.Summary{N: 5, Median: 0.39}}}}
	if got := s.Limit(); got < 0.429 || got > 0.431 {
		t.Errorf("%v above half the floor", got)
	}
	s.Rows[0].Ratio.N = 0
	if got := s.Limit(); got != 0.86 {
		t.Errorf("%v without a floor", got)
	}
	s = Scenario{Budget: Budget{Ratio: 0.5}, Rows: []Row{{Server: "floor", Ratio: stats.Summary{N: 5, Median: 0.39}}}}
	if got := s.Limit(); got != 0.5 {
		t.Errorf("%v for a budget without a floor", got)
	}
}

func TestOverBudget(t *testing.T) {
	if got := sample().OverBudget(); !reflect.DeepEqual(got, []string{"hello"}) {
		t.Errorf("OverBudget() = %v", got)
	}
}

func TestUnits(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{micros(10_234), "10.2"}, {micros(84), "0.0840"}, {micros(0), "0"}, {micros(1_234_567), "1235"},
		{duration(0), "–"}, {duration(1500), "1.50 µs"}, {duration(23 * time.Millisecond), "23.0 ms"}, {duration(2 * time.Second), "2.00 s"},
		{size(495), "495 B"}, {size(1536), "1.50 KiB"}, {size(15 << 20), "15.0 MiB"},
		{thousands(999), "999"}, {thousands(1000), "1,000"}, {thousands(1_234_567.6), "1,234,568"},
		{percent(0.012), "1.2 %"},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}

func TestVerdict(t *testing.T) {
	for _, tc := range []struct {
		ratio stats.Summary
		want  string
	}{
		{stats.Summary{N: 5, Median: 0.8, Low: 0.7, High: 0.9}, "verdict: 20 % less CPU than nginx"},
		{stats.Summary{N: 5, Median: 1.25, Low: 1.1, High: 1.3}, "verdict: 25 % more CPU than nginx"},
		{stats.Summary{N: 5, Median: 0.98, Low: 0.9, High: 1.02}, "verdict: within noise of nginx"},
	} {
		s := Scenario{Baseline: "nginx", Rows: []Row{{Server: Subject, CPU: exactly(1), Ratio: tc.ratio}}}
		if got := s.verdict(); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}
