// Package report holds the figures of a benchmark run and shows them: as JSON, which keeps every slice, as a text table,
// and as one HTML file with inline SVG that needs neither network nor script.
package report

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/wheelpit/wheelpit/bench/load"
	"github.com/wheelpit/wheelpit/bench/stats"
)

// Format is the version of the JSON, raised when an older reader would misread it.
const Format = 1

// Subject is the name of the server that is measured; the others are there to compare with.
const Subject = "wheelpit"

// Report is one run.
type Report struct {
	Format    int        `json:"format"`
	Started   time.Time  `json:"started"`
	Machine   Machine    `json:"machine"`
	Settings  Settings   `json:"settings"`
	Servers   []Server   `json:"servers"`
	Scenarios []Scenario `json:"scenarios"`
}

// Machine is what the figures were taken on.
type Machine struct {
	CPU    string            `json:"cpu"`
	CPUs   int               `json:"cpus"`
	Kernel string            `json:"kernel"`
	Go     string            `json:"go"`
	Sysctl map[string]string `json:"sysctl,omitempty"`
}

// Settings is how the run was made.
type Settings struct {
	Rounds    int           `json:"rounds"`
	Slice     time.Duration `json:"slice_ns"`
	Warmup    time.Duration `json:"warmup_ns"`
	ServerCPU int           `json:"server_cpu"`
	LoadCPU   int           `json:"load_cpu"`
}

// Server is one server of the run.
type Server struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Scenario is the figures of one kind of work.
type Scenario struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Load     string   `json:"load"`     // what made the load: wrk or own
	Baseline string   `json:"baseline"` // the row that ratios refer to
	Budget   Budget   `json:"budget,omitzero"`
	Rows     []Row    `json:"rows"`
	Notes    []string `json:"notes,omitempty"` // servers that were left out, and why
}

// Budget is what the target may cost at most; zero fields are no limit.
type Budget struct {
	Ratio float64 `json:"ratio,omitempty"` // CPU time per request, as a share of the baseline's
	Floor float64 `json:"floor,omitempty"` // the floor's share where the budget was set, 0 when it was not measured
	Bytes float64 `json:"bytes,omitempty"` // memory per connection
}

// Floor is the row of what no server can get below with the same system calls.
const Floor = "floor"

// Limit is the budgeted ratio as it stands on the processor of this report: what the kernel costs is not the same share of
// the baseline everywhere, so a budget that was set above a floor moves with it. It is the budget itself when the floor was
// not measured at both places, and 0 without one.
func (s *Scenario) Limit() float64 {
	floor := s.Row(Floor)
	if s.Budget.Floor == 0 || floor == nil || floor.Ratio.N == 0 {
		return s.Budget.Ratio
	}
	return s.Budget.Ratio * floor.Ratio.Median / s.Budget.Floor
}

// Row is one server in one scenario. Summaries are over the rounds that count.
type Row struct {
	Server     string        `json:"server"`
	CPU        stats.Summary `json:"cpu_ns"`        // of the server per request, nanoseconds
	Ratio      stats.Summary `json:"ratio"`         // of CPU to the baseline's in the same round
	Rate       stats.Summary `json:"rate"`          // requests per second
	Latency    load.Latency  `json:"latency_ns"`    // medians over the rounds of each quantile
	RSS        int64         `json:"rss,omitempty"` // bytes after the rounds
	HeadBytes  int           `json:"head_bytes"`    // of an answer, without the content
	Memory     stats.Summary `json:"memory,omitzero"`
	Discarded  int           `json:"discarded,omitempty"`   // rounds that do not count
	LoadBound  bool          `json:"load_bound,omitempty"`  // the load could not use the server up in any round
	Disturbed  bool          `json:"disturbed,omitempty"`   // something else ran on the server's CPU in every round
	OverBudget bool          `json:"over_budget,omitempty"` // beyond the scenario's budget by more than noise
	Slices     []Slice       `json:"slices"`
}

// Slice is one server in one round.
type Slice struct {
	Round     int           `json:"round"`
	Order     int           `json:"order"` // position within the round
	Requests  int64         `json:"requests"`
	Elapsed   time.Duration `json:"elapsed_ns"`
	ServerCPU time.Duration `json:"server_cpu_ns"`
	WaitCPU   time.Duration `json:"wait_cpu_ns"` // the server was runnable while something else had its CPU
	LoadCPU   time.Duration `json:"load_cpu_ns"`
	Latency   load.Latency  `json:"latency_ns"`
	Late      int64         `json:"late,omitempty"`   // open loop: sent after their time
	Unsent    int64         `json:"unsent,omitempty"` // open loop: never sent
	Errors    load.Errors   `json:"errors,omitzero"`
	Steal     float64       `json:"steal,omitempty"` // share of time that the hypervisor took
	LoadBound bool          `json:"load_bound,omitempty"`
	Disturbed bool          `json:"disturbed,omitempty"` // something else ran on the server's CPU
	Discarded string        `json:"discarded,omitempty"` // why the slice does not count
}

// PerRequest is the server's CPU time for one request in nanoseconds.
func (s *Slice) PerRequest() float64 {
	if s.Requests == 0 {
		return 0
	}
	return float64(s.ServerCPU) / float64(s.Requests)
}

// Clean tells whether nothing qualifies the slice.
func (s *Slice) Clean() bool { return s.Discarded == "" && !s.LoadBound && !s.Disturbed }

// Row returns the row of a server, or nil.
func (s *Scenario) Row(server string) *Row {
	for i := range s.Rows {
		if s.Rows[i].Server == server {
			return &s.Rows[i]
		}
	}
	return nil
}

// OverBudget lists the scenarios whose budget was exceeded.
func (r *Report) OverBudget() []string {
	var ids []string
	for i := range r.Scenarios {
		for j := range r.Scenarios[i].Rows {
			if r.Scenarios[i].Rows[j].OverBudget {
				ids = append(ids, r.Scenarios[i].ID)
			}
		}
	}
	return ids
}

// Save writes the report as JSON.
func (r *Report) Save(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// Open reads a report that Save wrote.
func Open(path string) (*Report, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("report: %s: %w", path, err)
	}
	if r.Format != Format {
		return nil, fmt.Errorf("report: %s has format %d, this program reads %d", path, r.Format, Format)
	}
	return &r, nil
}
