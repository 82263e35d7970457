package metrics

import (
	"runtime"
	"strconv"
	"strings"
	"time"
)

// writer writes families as OpenMetrics 1.0 has it, or as Prometheus' text format 0.0.4, which differs in the name of a
// counter's family and in the end.
type writer struct {
	b      []byte
	open   bool   // OpenMetrics
	worker string // label of samples that are of one process; empty for none
	name   string // of the family on its way
	suffix string // of its samples
}

// Text returns the snapshot as text for Prometheus: OpenMetrics 1.0 when open is set, else text format 0.0.4.
func (s *Snapshot) Text(open bool) []byte {
	w := &writer{open: open}
	w.server(s)
	w.traffic(s)
	w.worker = s.Worker
	w.lags(s)
	w.process(&s.Process)
	w.family("wheelpit_build_info", "gauge", "", "The program that answers.")
	w.sample(1, "version", s.Version, "goversion", runtime.Version())
	if open {
		w.b = append(w.b, "# EOF\n"...)
	}
	return w.b
}

func (w *writer) server(s *Snapshot) {
	w.counter("wheelpit_connections_accepted", "", "Connections that were accepted.", float64(s.Accepted))
	w.counter("wheelpit_connections_handled", "", "Connections that were served, and have ended or are open.", float64(s.Accepted))
	w.gauge("wheelpit_connections_active", "", "Connections that are open.", float64(s.Active))
	w.counter("wheelpit_http_requests", "", "Requests whose head was read.", float64(s.Requests))
	w.gauge("wheelpit_workers_busy", "", "Requests that are with worker goroutines or wait for one.", float64(s.Busy))
	if s.Generation > 0 {
		w.gauge("wheelpit_config_generation", "", "The number of the configuration in use, from 1.", float64(s.Generation))
		w.counter("wheelpit_config_reloads", "", "Reloads that have changed the configuration.", float64(s.Reloads))
		w.gauge("wheelpit_config_loaded_timestamp_seconds", "seconds", "When the configuration in use was loaded.", unixSeconds(s.Loaded))
	}
}

func (w *writer) lags(s *Snapshot) {
	w.family("wheelpit_reactor_lag_seconds", "gauge", "seconds", "How late a reactor is.")
	for i, lag := range s.LagSeconds {
		w.sample(lag, "reactor", strconv.Itoa(i))
	}
}

// traffic writes what zones count; a sample without the label zone is of all requests.
func (w *writer) traffic(s *Snapshot) {
	all := append([]NamedTraffic{{Traffic: s.Total}}, s.Zones...)
	label := func(t *NamedTraffic) []string {
		if t.Zone == "" {
			return nil
		}
		return []string{"zone", t.Zone}
	}
	each := func(value func(t *Traffic) float64) {
		for i := range all {
			w.sample(value(&all[i].Traffic), label(&all[i])...)
		}
	}
	w.family("wheelpit_http_responses", "counter", "", "Responses by the class of their status; other is an end without one.")
	for i := range all {
		for class, n := range all[i].Responses {
			name := "other"
			if class > 0 {
				name = strconv.Itoa(class) + "xx"
			}
			w.sample(float64(n), append(label(&all[i]), "class", name)...)
		}
	}
	w.family("wheelpit_http_received_bytes", "counter", "bytes", "Bytes of requests, heads included.")
	each(func(t *Traffic) float64 { return float64(t.Received) })
	w.family("wheelpit_http_sent_bytes", "counter", "bytes", "Bytes of responses, heads included.")
	each(func(t *Traffic) float64 { return float64(t.Sent) })
	w.family("wheelpit_http_request_seconds", "counter", "seconds", "How long requests took, all together.")
	each(func(t *Traffic) float64 { return t.Seconds })
}

func (w *writer) process(p *Process) {
	w.counter("process_cpu_seconds", "seconds", "Processor time in user and kernel mode.", p.CPUSeconds)
	w.gauge("process_resident_memory_bytes", "bytes", "Resident memory.", float64(p.Resident))
	w.gauge("process_start_time_seconds", "seconds", "When the process was started.", unixSeconds(p.Started))
	w.gauge("go_goroutines", "", "Goroutines that exist.", float64(p.Goroutines))
	w.gauge("go_heap_bytes", "bytes", "Memory of Go's objects.", float64(p.Heap))
	w.counter("go_gc_cycles", "", "Garbage collections that are done.", float64(p.GCCycles))
}

func unixSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func (w *writer) counter(name, unit, help string, value float64) {
	w.family(name, "counter", unit, help)
	w.sample(value)
}

func (w *writer) gauge(name, unit, help string, value float64) {
	w.family(name, "gauge", unit, help)
	w.sample(value)
}

// family begins a family; its samples follow. The name of a counter comes without "_total".
func (w *writer) family(name, kind, unit, help string) {
	w.name, w.suffix = name, ""
	if kind == "counter" {
		w.suffix = "_total"
	}
	shown := name
	if !w.open {
		shown += w.suffix
	}
	w.b = append(w.b, "# TYPE "+shown+" "+kind+"\n"...)
	if w.open && unit != "" {
		w.b = append(w.b, "# UNIT "+shown+" "+unit+"\n"...)
	}
	w.b = append(w.b, "# HELP "+shown+" "+help+"\n"...)
}

// sample writes one value with pairs of label and value.
func (w *writer) sample(value float64, labels ...string) {
	if w.worker != "" {
		labels = append(labels, "worker", w.worker)
	}
	w.b = append(w.b, w.name+w.suffix...)
	for i := 0; i < len(labels); i += 2 {
		sep := byte(',')
		if i == 0 {
			sep = '{'
		}
		w.b = append(w.b, sep)
		w.b = append(w.b, labels[i]+`="`+escape.Replace(labels[i+1])+`"`...)
	}
	if len(labels) > 0 {
		w.b = append(w.b, '}')
	}
	w.b = append(w.b, ' ')
	w.b = append(strconv.AppendFloat(w.b, value, 'g', -1, 64), '\n')
}

// escape makes the value of a label.
var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
