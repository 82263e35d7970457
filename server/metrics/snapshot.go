package metrics

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Gauges are what a process tells of itself; in a Snapshot, of all processes together.
type Gauges struct {
	// Accepted and Closed count connections, Requests the heads that were read.
	Accepted uint64 `json:"accepted"`
	Closed   uint64 `json:"closed"`
	Requests uint64 `json:"requests"`
	// Busy is the number of requests that are with worker goroutines or wait for one.
	Busy int64 `json:"busy"`
	// Lags are how late each reactor of the process that answers is: the time since it should have come back to its timer.
	Lags []time.Duration `json:"-"`
}

// About is what does not change while a configuration is in use.
type About struct {
	// Version is the program's.
	Version string `json:"version"`
	// Worker is the process that answers, when there are several: a label of what is its own; else empty.
	Worker string `json:"worker,omitempty"`
	// Generation counts the configurations of the server, from 1; 0 when nobody counts. Loaded is when the present one was.
	Generation int       `json:"generation"`
	Loaded     time.Time `json:"loaded"`
}

// NamedTraffic is the traffic of a zone.
type NamedTraffic struct {
	Zone string `json:"zone"`
	Traffic
}

// Snapshot is everything that is shown, taken at one time.
type Snapshot struct {
	About
	Gauges
	Now time.Time `json:"now"`
	// Active is the number of open connections.
	Active      uint64         `json:"active"`
	LagSeconds  []float64      `json:"reactor_lag_seconds"`
	Total       Traffic        `json:"total"`
	Zones       []NamedTraffic `json:"zones"`
	Process     Process        `json:"process"`
	Reloads     int            `json:"reloads"`
	UptimeHuman string         `json:"-"`
}

// Process is what the operating system and Go's runtime tell of the process.
type Process struct {
	PID        int       `json:"pid"`
	Started    time.Time `json:"started"`
	CPUSeconds float64   `json:"cpu_seconds"`
	// Resident is the memory in use as the system counts it, 0 where it does not tell; Heap what Go's objects take.
	Resident   uint64 `json:"resident_bytes"`
	Heap       uint64 `json:"heap_bytes"`
	Goroutines int    `json:"goroutines"`
	GCCycles   uint32 `json:"gc_cycles"`
}

// started is when the process began, to the moment its packages were initialised.
var started = time.Now()

// Snapshot takes the numbers; own are those of this process. It may stop the world for some microseconds, and reads a file: it
// belongs on a worker.
func (r *Registry) Snapshot(about About, own Gauges) *Snapshot {
	g := r.Total(own)
	s := &Snapshot{About: about, Gauges: g, Now: time.Now(), Active: g.Accepted - min(g.Closed, g.Accepted), Total: r.All.Traffic(), Zones: []NamedTraffic{}}
	for i := range r.mem.zones {
		if z := &r.mem.zones[i]; z.state.Load() == inUse {
			s.Zones = append(s.Zones, NamedTraffic{string(z.name[:z.length]), z.traffic()})
		}
	}
	slices.SortFunc(s.Zones, func(a, b NamedTraffic) int { return strings.Compare(a.Zone, b.Zone) })
	for _, lag := range g.Lags {
		s.LagSeconds = append(s.LagSeconds, lag.Seconds())
	}
	s.Reloads = max(about.Generation-1, 0)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.Process = Process{
		PID: os.Getpid(), Started: started, CPUSeconds: cpuSeconds(), Resident: resident(), Heap: m.HeapAlloc,
		Goroutines: runtime.NumGoroutine(), GCCycles: m.NumGC,
	}
	s.UptimeHuman = s.Now.Sub(started).Round(time.Second).String()
	return s
}
