package conf

import (
	"bufio"
	"fmt"
	"maps"
	"slices"
)

// ownOfProcess are directives whose state is memory of one process, with what that state is. One process with many reactors shares it
// among them all; those of `worker_processes N elastic=RATE` have one each.
var ownOfProcess = map[string]string{
	"zone":               "what is known of the servers of an upstream",
	"sticky":             "the sessions that are learned",
	"health_check":       "health checks, and what they found",
	"upstream_api":       "the servers that are shown and changed",
	"proxy_cache_path":   "the index of a cache, and max_size",
	"fastcgi_cache_path": "the index of a cache, and max_size",
	"uwsgi_cache_path":   "the index of a cache, and max_size",
	"scgi_cache_path":    "the index of a cache, and max_size",
}

// elastic warns of what several worker processes do not share.
func (c *checker) elastic() {
	d := c.cfg.Find("worker_processes")
	if d == nil {
		return
	}
	if w, ok := d.Value.(WorkerProcesses); !ok || w.Elastic == 0 {
		return
	}
	c.warnOwn(c.cfg.main)
}

func (c *checker) warnOwn(list []*Directive) {
	for d := range flatten(list) {
		what, own := ownOfProcess[d.Name]
		if own && d.Row != nil && (d.Name != "sticky" || len(d.Args) > 0 && d.Args[0] == "learn") {
			c.warnf(d, 0, "%s: each worker process of \"elastic\" has its own", what)
		}
		c.warnOwn(d.Block)
	}
}

// writeProcesses writes what several processes do not share as Markdown.
func writeProcesses(b *bufio.Writer) {
	fmt.Fprint(b, "\n## Several worker processes\n\nOne process has as many reactors as worker_processes says, and they share every zone. With "+
		"`worker_processes N elastic=RATEr/s`, Wheelpit's own, there are\nseveral processes. They share the zones of limits and the counters of "+
		"stub_status; each has its own of the following, and the configuration is warned of it.\n\n| directive | each process has its own |\n|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(ownOfProcess)) {
		fmt.Fprintf(b, "| `%s` | %s |\n", name, ownOfProcess[name])
	}
}
