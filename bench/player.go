package bench

import (
	"context"
	"fmt"
	"strings"

	"github.com/wheelpit/wheelpit/bench/load"
	"github.com/wheelpit/wheelpit/bench/report"
	"github.com/wheelpit/wheelpit/bench/rival"
)

// player is a server in a scenario.
type player struct {
	name     string // of its row
	rival    rival.Rival
	path     string // what it is asked for
	instance *rival.Instance

	requests  []load.Request
	headBytes int
	slices    []report.Slice
}

// players lists who plays a scenario, the baseline first.
func (r *runner) players(sc *Scenario) []*player {
	var all []*player
	for _, one := range r.rivals {
		if one.Features()&sc.Needs != sc.Needs {
			continue
		}
		if sc.Against != "" && one.Name() == rival.TargetName {
			all = append(all, &player{name: sc.baselineName(), rival: one, path: sc.Against})
		}
		all = append(all, &player{name: one.Name(), rival: one, path: sc.Path})
		if r.opts.Control && one.Name() == sc.baselineName() {
			all = append(all, &player{name: one.Name() + " (control)", rival: one, path: sc.Path})
		}
	}
	return all
}

// enter starts the player's server, checks its answers and renders its requests.
func (p *player) enter(ctx context.Context, r *runner, sc *Scenario) error {
	work, err := r.site.work()
	if err != nil {
		return err
	}
	site := rival.Site{Root: r.site.root, Work: work, Connections: max(r.opts.Connections, 1024)}
	if sc.Needs&(rival.Conf|rival.Relay) != 0 {
		if err := r.startBackends(ctx); err != nil {
			return err
		}
		site.Backend, site.UWSGI = r.backends.HTTP, r.backends.UWSGI
	}
	p.instance, err = rival.Start(ctx, p.rival, site, r.opts.ServerCPU)
	if err != nil {
		return err
	}
	p.render(sc, sc.Fields)
	fields, err := p.check(ctx, r.site, sc)
	if err != nil {
		return fmt.Errorf("bench: %s left out: %w", p.name, err)
	}
	p.render(sc, fields)
	return nil
}

// leave stops the player's server.
func (p *player) leave() {
	if p.instance != nil {
		p.instance.Stop()
	}
}

// render makes the requests of the load.
func (p *player) render(sc *Scenario, fields []load.Field) {
	length := sc.Want.length(sc.Status)
	if sc.Tree == noTree {
		p.requests = []load.Request{load.Get(p.path, fields, or(sc.Depth, 1), sc.Status, length)}
		return
	}
	p.requests = p.requests[:0]
	for _, i := range treeSequence(sc.Tree) {
		p.requests = append(p.requests, load.Get("/"+treePath(i), fields, 1, sc.Status, treeSize))
	}
}

// withETag replaces the mark in the fields by a server's ETag.
func withETag(fields []load.Field, etag string) []load.Field {
	out := make([]load.Field, len(fields))
	for i, f := range fields {
		out[i] = load.Field{Name: f.Name, Value: strings.ReplaceAll(f.Value, etagMark, etag)}
	}
	return out
}
