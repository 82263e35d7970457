// Package metrics counts what a server does and shows it: as a page for people, as JSON, and as text for Prometheus.
//
//	request ends ─▶ [Zone.Count] ─▶ padded counters, a set for each reactor
//	                                        │
//	scrape ─▶ [Page.Handle] ─▶ [Snapshot] ──┴─▶ page, JSON, OpenMetrics
//
// zone.go has the counters, snapshot.go what is shown, text.go the text for Prometheus, page.go the handler.
//
// # Terms
//
// A zone is what requests are counted for: all of them ([Registry.All]), or those of the servers with one status_zone. A scrape is
// a request for the numbers. A family is a metric with all its labels, in the words of OpenMetrics.
//
// # How totals are formed
//
// Counters belong to a process and begin at 0 with it. By default one worker process does all the work, and its numbers are the
// server's; after a reload another process counts from 0, which Prometheus takes for what it is, a counter that was reset. With
// elastic workers there are several processes, and the one that accepts the scrape answers for itself: each sample then has the
// label worker, its process, so that series are not mixed up, and a total is sum without (worker) (rate(...)).
// Connections and requests are the sums of the reactors' own counters, which are exact but not taken at one instant.
//
// # Costs
//
// A request costs an addition to each of four counters, eight with a zone of its own. They lie in cache lines of its reactor, so
// reactors do not disturb each other; a request that ended on a worker uses the lines of its reactor as well. A configuration
// that shows no numbers counts none.
//
// # Limits
//
//	reactors with counters of their own   64, those beyond share
//	name of a zone                        any text, escaped where a format needs it
package metrics
