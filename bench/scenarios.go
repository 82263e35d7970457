package bench

import (
	"github.com/wheelpit/wheelpit/bench/load"
	"github.com/wheelpit/wheelpit/bench/report"
	"github.com/wheelpit/wheelpit/bench/rival"
)

var closeField = []load.Field{{Name: "Connection", Value: "close"}}

// Scenarios lists everything that can be measured, in the order of the report. The budgets are shares of nginx's CPU
// time per request, except where Against names another baseline; above is one that was set above a floor, see report.Limit.
func Scenarios() []Scenario {
	fixed := func(s Scenario) Scenario {
		s.Path, s.Status, s.Want, s.Needs = or(s.Path, "/hello"), 200, fixedText(), s.Needs|rival.Fixed
		return s
	}
	static := func(s Scenario, f file) Scenario {
		s.Path, s.Status, s.Want, s.Needs = "/"+f.name, 200, wholeFile(f), rival.Files
		if f.size <= rival.SmallFile {
			s.Needs = rival.SmallFiles
		}
		return s
	}
	front := func(needs rival.Feature) func(Scenario, content) Scenario {
		return func(s Scenario, want content) Scenario {
			s.Connections, s.Status, s.Want, s.Needs = 64, 200, want, needs
			return s
		}
	}
	conf, relay := front(rival.Conf), front(rival.Relay)
	budget := func(ratio float64) report.Budget { return report.Budget{Ratio: ratio} }
	above := func(floor, ratio float64) report.Budget { return report.Budget{Ratio: ratio, Floor: floor} }
	return []Scenario{
		fixed(Scenario{ID: "hello", Title: "fixed 13-byte answer, 64 connections", Connections: 64, Budget: above(0.78, 0.86)}),
		fixed(Scenario{ID: "hello-c1", Title: "fixed answer, 1 connection", Connections: 1, Budget: above(0.76, 0.90)}),
		fixed(Scenario{ID: "hello-c512", Title: "fixed answer, 512 connections", Connections: 512, Budget: above(0.70, 0.82)}),
		fixed(Scenario{ID: "pipelined", Title: "fixed answer, 16 pipelined requests", Connections: 64, Depth: 16, Budget: above(0.08, 0.11)}),
		fixed(Scenario{ID: "connect", Title: "fixed answer, new connection per request", Connections: 64, Close: true, Fields: closeField, Budget: budget(0.95)}),
		fixed(Scenario{ID: "rate", Title: "fixed answer, 20,000 requests per second, open loop", Connections: 64, Rate: 20_000}),
		static(Scenario{ID: "static-1k", Title: "static 1 KiB, 64 connections", Connections: 64, Budget: above(0.52, 0.58)}, file1K),
		static(Scenario{ID: "static-10k", Title: "static 10 KiB, 64 connections", Connections: 64, Budget: above(0.67, 0.75)}, file10K),
		static(Scenario{ID: "static-100k", Title: "static 100 KiB, 64 connections", Connections: 64, Budget: budget(0.93)}, file100K),
		static(Scenario{ID: "static-1m", Title: "static 1 MiB, 64 connections", Connections: 64, Budget: budget(0.95)}, file1M),
		static(Scenario{ID: "static-100m", Title: "static 100 MiB, 4 connections", Connections: 4, Budget: budget(0.80)}, file100M),
		{
			ID: "not-found", Title: "404, no such file", Connections: 64, Path: "/none.bin", Status: 404,
			Needs: rival.SmallFiles, Budget: budget(0.50),
		},
		{
			ID: "range", Title: "1,000-byte range of 100 KiB", Connections: 64, Path: "/" + file100K.name, Status: 206,
			Fields: []load.Field{{Name: "Range", Value: "bytes=50000-50999"}}, Want: fileRange(file100K, 50_000, 1000),
			Needs: rival.OneRange, Budget: budget(0.58),
		},
		{
			ID: "not-modified", Title: "304, If-None-Match of 1 KiB", Connections: 64, Path: "/" + file1K.name, Status: 304,
			Fields: []load.Field{{Name: "If-None-Match", Value: etagMark}}, Needs: rival.Files | rival.ETags,
		},
		{ID: "tree", Title: "10,000 files of 1 KiB, uniform", Connections: 64, Tree: uniform, Status: 200, Needs: rival.Files},
		{ID: "tree-zipf", Title: "10,000 files of 1 KiB, zipf", Connections: 64, Tree: zipf, Status: 200, Needs: rival.Files},
		fixed(Scenario{
			ID: "route", Title: "route with 3 params and 5 middlewares", Connections: 64, Path: "/api/1/b/2/c/3",
			Needs: rival.Routes, Against: "/hello", Budget: budget(1.05),
		}),
		fixed(Scenario{
			ID: "worker", Title: "handler on a worker", Connections: 64, Path: "/worker",
			Needs: rival.Routes, Against: "/hello", Budget: budget(1.35),
		}),
		relay(Scenario{ID: "proxied", Title: "proxied 13 bytes, kept-alive upstream", Path: "/proxied/hello", Budget: above(0.72, 0.84)}, fixedText()),
		conf(Scenario{ID: "proxied-100k", Title: "proxied 100 KiB", Path: "/proxied/100k.bin", Budget: budget(0.55)}, wholeFile(file100K)),
		relay(Scenario{ID: "cached-10k", Title: "cache hit of 10 KiB", Path: "/cached/10k.bin", Budget: above(0.56, 0.60)}, wholeFile(file10K)),
		conf(Scenario{ID: "proxied-rate", Title: "proxied, nginx half busy, open loop", Path: "/proxied/hello", Busy: 0.5}, fixedText()),
		conf(Scenario{ID: "micro", Title: "cached for one second, one request fills", Path: "/micro/hello"}, fixedText()),
		relay(Scenario{ID: "uwsgi", Title: "uwsgi_pass, 13 bytes", Path: "/uwsgi/hello", Budget: budget(0.90)}, fixedText()),
		relay(Scenario{ID: "conf-hello", Title: "fixed answer of nginx.conf", Path: "/hello", Budget: above(0.78, 0.86)}, fixedText()),
		conf(Scenario{ID: "conf-logged", Title: "the same with an access log", Path: "/logged"}, fixedText()),
		relay(Scenario{ID: "conf-static-10k", Title: "static 10 KiB of nginx.conf", Path: "/plain/10k.bin", Budget: above(0.67, 0.75)}, wholeFile(file10K)),
		conf(Scenario{ID: "conf-phases", Title: "static 1 KiB behind five modules", Path: "/phases/1k.bin", Against: "/plain/1k.bin", Budget: budget(1.05)}, wholeFile(file1K)),
		conf(Scenario{
			ID: "conf-gzip", Title: "gzip of a 10 KiB file, level 1", Path: "/gzipped/10k.bin", Budget: budget(0.10),
			Fields: []load.Field{{Name: "Accept-Encoding", Value: "gzip"}},
		}, content{}),
		fixed(Scenario{ID: "idle", Title: "idle keep-alive connections", Idle: true, Budget: report.Budget{Bytes: 0.6 * 1024}}),
	}
}
