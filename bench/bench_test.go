package bench

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/bench/load"
	"github.com/wheelpit/wheelpit/bench/report"
	"github.com/wheelpit/wheelpit/bench/stats"
)

func TestScenariosAreComplete(t *testing.T) {
	seen := make(map[string]bool)
	for _, sc := range Scenarios() {
		if seen[sc.ID] || sc.ID == "" || sc.Title == "" {
			t.Errorf("id %q is empty or used twice", sc.ID)
		}
		seen[sc.ID] = true
		if sc.Status == 0 || sc.Needs == 0 || sc.Connections == 0 && !sc.Idle || sc.Path == "" && sc.Tree == noTree {
			t.Errorf("%s lacks something: %+v", sc.ID, sc)
		}
		if sc.Close != slices.Equal(sc.Fields, closeField) {
			t.Errorf("%s: Close and the Connection field disagree", sc.ID)
		}
	}
}

func TestDiscard(t *testing.T) {
	good := report.Slice{Requests: 1000, Elapsed: time.Second}
	if why := discard(&good); why != "" {
		t.Errorf("a good slice is discarded: %s", why)
	}
	for name, change := range map[string]func(*report.Slice){
		"errors": func(s *report.Slice) { s.Errors = load.Errors{Broken: 1, First: "reset"} },
		"empty":  func(s *report.Slice) { s.Requests = 0 },
		"steal":  func(s *report.Slice) { s.Steal = 0.02 },
		"late":   func(s *report.Slice) { s.Late, s.Unsent = 6, 6 },
	} {
		s := good
		change(&s)
		if discard(&s) == "" {
			t.Errorf("%s: counts", name)
		}
	}
}

// cost is a slice of one round.
func cost(round int, micros time.Duration, bound bool, discarded string) report.Slice {
	return report.Slice{Round: round, Requests: 1, Elapsed: time.Second, ServerCPU: micros * time.Microsecond, LoadBound: bound, Discarded: discarded}
}

func TestRoundRatios(t *testing.T) {
	base := []report.Slice{cost(0, 10, false, ""), cost(1, 20, false, ""), cost(2, 30, false, "steal")}
	row := []report.Slice{cost(2, 15, false, ""), cost(1, 10, false, ""), cost(0, 5, true, "")}
	if got := roundRatios(row, base); !slices.Equal(got, []float64{0.5}) {
		t.Errorf("ratios %v, want that of round 1 alone", got)
	}
	disturbed := []report.Slice{{Round: 0, Requests: 1, ServerCPU: 5000, Disturbed: true}, {Round: 1, Requests: 1, ServerCPU: 20_000}}
	if got := roundRatios(disturbed, base); !slices.Equal(got, []float64{1}) {
		t.Errorf("ratios %v, want that of the round that was not disturbed", got)
	}
	allBound := []report.Slice{cost(0, 5, true, ""), cost(1, 30, true, "")}
	if got := roundRatios(allBound, base); !slices.Equal(got, []float64{0.5, 1.5}) {
		t.Errorf("ratios %v of a row that the load bounds throughout", got)
	}
}

func TestSummarizeJudgesTheTarget(t *testing.T) {
	result := func(target time.Duration, base string) report.Scenario {
		return report.Scenario{Rows: []report.Row{
			{Server: base, Slices: []report.Slice{cost(0, 100, false, ""), cost(1, 100, false, "")}},
			{Server: report.Subject, Slices: []report.Slice{cost(0, target, false, ""), cost(1, target, false, "")}},
		}}
	}
	sc := &Scenario{Budget: report.Budget{Ratio: 0.5}}
	for _, tc := range []struct {
		target time.Duration
		base   string
		over   bool
	}{{50, "nginx", false}, {51, "nginx", true}, {90, "h2o", false}} {
		r := result(tc.target, tc.base)
		summarize(&r, sc)
		if r.Baseline != tc.base || r.Rows[1].OverBudget != tc.over || r.Rows[1].Ratio.Median != float64(tc.target)/100 {
			t.Errorf("%v against %s: %+v", int(tc.target), tc.base, r.Rows[1])
		}
	}
}

// saved writes a report in which the target has the given ratio.
func saved(t *testing.T, median float64) string {
	path := filepath.Join(t.TempDir(), "r.json")
	ratio := stats.Summary{N: 5, Median: median, Low: median - 0.01, High: median + 0.01}
	r := report.Report{Format: report.Format, Scenarios: []report.Scenario{
		{ID: "hello", Baseline: "nginx", Rows: []report.Row{{Server: report.Subject, Ratio: ratio}}},
		{ID: "failed", Baseline: "nginx", Rows: []report.Row{{Server: report.Subject}}},
	}}
	if err := r.Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCompare(t *testing.T) {
	for _, tc := range []struct {
		before, after float64
		code          int
		word          string
	}{
		{0.80, 0.81, exitOK, "within noise"},
		{0.80, 0.83, exitOK, "+3.7 %"},
		{0.80, 0.90, exitRegression, "worse"},
		{0.90, 0.80, exitOK, "better"},
	} {
		var out bytes.Buffer
		code, err := Compare(saved(t, tc.before), saved(t, tc.after), 0.05, &out)
		if code != tc.code || (err != nil) != (code != exitOK) || !strings.Contains(out.String(), tc.word) {
			t.Errorf("%v to %v: exit code %d, %v\n%s", tc.before, tc.after, code, err, out.String())
		}
	}
	if code, err := Compare("none.json", saved(t, 1), 0.05, &bytes.Buffer{}); code != exitFailed || err == nil {
		t.Errorf("a missing file: exit code %d, %v", code, err)
	}
}

func TestOptions(t *testing.T) {
	o, err := Options{Quick: true, Rounds: 7}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	if o.Rounds != 7 || o.Slice != time.Second || o.ServerCPU != -1 || o.LoadCPU != -1 {
		t.Errorf("%+v", o)
	}
	if len(o.Target) != 3 || o.Target[2] != "target" || len(o.Self) != 3 || o.Self[2] != "rival" {
		t.Errorf("commands %q, %q", o.Target, o.Self)
	}
}

func TestProgressOnATerminal(t *testing.T) {
	var out bytes.Buffer
	at := time.Unix(0, 0)
	p := &progress{out: &out, total: 4, now: func() time.Time { return at }}
	p.step("first")
	at = at.Add(10 * time.Second)
	out.Reset()
	p.step("second")
	if got := out.String(); got != "\r\x1b[K[1/4] second, 30s left" {
		t.Errorf("%q", got)
	}
}
