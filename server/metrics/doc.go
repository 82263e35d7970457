// Package metrics counts what a server does and shows it: as a page for people, as JSON, and as text for Prometheus.
//
//	request ends ─▶ [Zone.Count] ─▶ padded counters, a set for each reactor, shared by processes
//	                                        │
//	scrape ─▶ [Page.Handle] ─▶ [Snapshot] ──┴─▶ page, JSON, OpenMetrics
//
// memory.go has the counters, zone.go how they are reached, snapshot.go what is shown, text.go the text for Prometheus, page.go the handler.
//
// # Terms
//
// A zone is what requests are counted for: all of them ([Registry.All]), or those of the servers with one status_zone. A scrape is
// a request for the numbers. A family is a metric with all its labels, in the words of OpenMetrics.
//
// # How totals are formed
//
// The counters of zones lie in memory that all worker processes of a server share ([OpenRegistry]), the present ones, those
// that finish an older configuration and those that elastic workers bring: they are exact, and live as long as the master.
// Connections, requests and busy workers are counted by each process for itself and published in a place of that memory, once
// a second, at a scrape by the process that answers, and at its end; a total is the sum of the places. What a process that was
// killed had open is closed. A binary upgrade starts from 0, as a restart does.
// The families process_, go_ and reactor_lag are of the process that answers; with elastic workers they have the label worker.
//
// # Costs
//
// A request costs an atomic addition to each of four counters, eight with a zone of its own: 22 ns for four, measured. They lie
// in cache lines of its reactor, so reactors do not disturb each other; a request that ended on a worker goroutine uses the lines of
// its reactor as well. A configuration that shows no numbers counts none.
//
// # Limits
//
//	reactors with counters of their own   32, those beyond share
//	zones                                 63, with names of 1 to 120 bytes
//	processes that totals remember        1024
package metrics
